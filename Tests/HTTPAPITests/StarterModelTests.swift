import Domain
import Foundation
import Inference
import LibraryTesting
import Testing

/// The built-in model behind the interface: words find what pictures show.
@Suite struct StarterModelTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardized.path

    @Test func wordsFindTheirPicture() async throws {
        let encoder = try await OpenVINOEncoder(folder: Self.package + "/Models/starter")
        let api = try await TestAPI(library: try await TestLibrary(encoder: encoder))
        let folder = Self.package + "/Tests/EndToEndTests/Fixtures/pictures"
        let queries = [
            "orange.jpg": "an orange fruit", "keyboard.jpg": "a computer keyboard",
            "balloon.jpg": "a hot air balloon in the sky",
            "brick-wall.jpg": "a brick wall",
        ]
        var ids: [String: String] = [:]
        for name in queries.keys.sorted() {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            ids[name] = try await api.stored(bytes, name: name)
        }
        try await api.library.indexAll()
        for (name, query) in queries {
            let answer = try await api.search(["query": .string(query), "max_results": 1])
            #expect(answer.ids == [try #require(ids[name])], "\(query): \(answer.text)")
        }
    }
}
