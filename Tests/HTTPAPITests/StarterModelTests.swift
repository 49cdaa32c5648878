import Domain
import Foundation
import Inference
import TestSupport
import Testing

/// The built-in model behind the interface: words find what pictures show.
@Suite struct StarterModelTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized.path

    @Test func wordsFindTheirPicture() async throws {
        let encoder = try await OpenVINOEncoder(folder: Self.package + "/Models/starter")
        let api = try await TestAPI(library: try await TestLibrary(encoder: encoder))
        let folder = Self.package + "/Tests/EndToEndTests/Fixtures/pictures"
        var ids: [String: String] = [:]
        for name in ["piano.jpg", "orange.jpg", "balloon.jpg", "keyboard.jpg"] {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            ids[name] = try await api.stored(bytes, name: name)
        }
        try await api.library.indexAll()
        for (query, name) in [
            ("a piano", "piano.jpg"), ("an orange", "orange.jpg"), ("a computer keyboard", "keyboard.jpg"),
        ] {
            let answer = try await api.search(["query": .string(query), "max_results": 1])
            #expect(answer.ids == [try #require(ids[name])], "\(query)")
            #expect(answer.results.first?["score"]?.number?.double ?? 0 > 0.5, "\(query): \(answer.text)")
        }
        let like = try await api.search(["image_id": .string(try #require(ids["piano.jpg"])), "max_results": 1])
        #expect(like.results.count == 1)
    }
}
