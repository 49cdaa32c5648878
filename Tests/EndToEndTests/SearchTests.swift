import Domain
import Foundation
import Testing

/// The real model on pictures of our own: words find the picture they describe.
@Suite struct SearchTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static var queries: [(file: String, text: String)] {
        get throws {
            try String(contentsOfFile: Command.fixtures + "/pictures/queries.tsv", encoding: .utf8)
                .split(separator: "\n").filter { !$0.hasPrefix("#") }
                .map { $0.split(separator: "\t") }.map { (file: String($0[1]), text: String($0[0])) }
        }
    }

    @Test func wordsFindTheirPicture() async throws {
        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: server.key)
        let names = try Pictures.names
        let answer = try await client.upload(try names.map { ($0, try Pictures.bytes($0)) })
        let ids = try #require(answer.json["results"]?.array?.compactMap { $0["image_id"]?.string })
        #expect(ids.count == names.count)
        for id in ids { #expect(try await client.settled(id)["indexing_status"] == 2) }

        let queries = try Self.queries
        #expect(queries.count >= 10)
        for query in queries {
            let found = try await client.post("/v1/images/search", json: ["query": .string(query.text)])
            let results = try #require(found.json["results"]?.array)
            let place = try #require(names.firstIndex(of: query.file), "queries.tsv names \(query.file)")
            #expect(results.first?["image_id"] == .string(ids[place]), "\(query.text)")
            let scores = results.compactMap { $0["score"]?.number?.double }
            #expect(scores == scores.sorted(by: >) && scores.allSatisfy { (0...1).contains($0) })
            #expect(results.count == 10)
        }

        // More like this one: it is not among its own likes, and a copy comes first.
        let copy = try await client.upload([("copy.jpg", Pictures.variant(of: try Pictures.bytes(names[3]), 1))])
        let copyID = try #require(copy.json["results"]?.array?.first?["image_id"]?.string)
        _ = try await client.settled(copyID)
        let like = try await client.post("/v1/images/search", json: ["image_id": .string(ids[3]), "max_results": 5])
        let likes = like.json["results"]?.array?.compactMap { $0["image_id"]?.string } ?? []
        #expect(likes.first == copyID && !likes.contains(ids[3]) && likes.count == 5)

        // Nothing is near nonsense: a threshold leaves little of it and keeps the good match.
        let strict = try await client.post(
            "/v1/images/search", json: ["query": .string(queries[0].text), "threshold": 0.5])
        #expect(strict.json["results"]?.array?.allSatisfy { ($0["score"]?.number?.double ?? 0) >= 0.5 } == true)

        // What is deleted is in no search.
        _ = try await client.send(.DELETE, "/v1/images/\(copyID)")
        let after = try await client.post("/v1/images/search", json: ["image_id": .string(ids[3]), "max_results": 200])
        #expect(after.json["results"]?.array?.contains { $0["image_id"] == .string(copyID) } == false)
        await server.stop()
    }
}
