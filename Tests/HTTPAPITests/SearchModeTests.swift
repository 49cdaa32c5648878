import Domain
import Testing

@testable import HTTPAPI

@Suite struct SearchModeTests {
    private static func search(_ client: Client, _ fields: JSONValue) async throws -> [JSONValue] {
        let answer = try await client.json(.post, "/v1/images/search", fields)
        #expect(answer.status == 200, "\(answer.json.jsonText)")
        return answer.results
    }

    private static func ids(_ results: [JSONValue]) -> [String] { results.compactMap { $0["image_id"]?.string } }

    @Test func contentAndTextAreWeighed() async throws {
        let service = try await Service()
        try await service.run { client in
            let captions: [JSONValue] = ["a blue thing", "a red thing", ""]
            let ids = try await client.ids(
                of: [Bitmap.red, Bitmap.green, Bitmap.blue],
                metadata: .array(captions.map { ["metadata": ["caption": $0]] }))
            try await service.indexEverything()
            func found(_ mode: String, _ more: JSONObject = [:]) async throws -> [JSONValue] {
                var fields: JSONObject = ["query": "red", "search_mode": .string(mode)]
                for (name, value) in more.members { fields[name] = value }
                return try await Self.search(client, .object(fields))
            }
            let vision = try await found("vision")
            #expect(Self.ids(vision) == [ids[0]] + Self.ids(vision).dropFirst() && vision.count == 3)
            // Weights of 1 and 0 are the pure modes: scores and order.
            let content = try await found("joined", ["image_weight": 1, "text_weight": 0])
            #expect(content.map { $0["score"] } == vision.map { $0["score"] } && Self.ids(content) == Self.ids(vision))
            let text = try await found("joined", ["image_weight": 0, "text_weight": 1])
            #expect(Self.ids(text) == [ids[1]] && text[0]["score"] == 1)

            let joined = try await found("joined", ["image_weight": 3, "text_weight": 1])
            let visionScores = Dictionary(
                uniqueKeysWithValues: zip(Self.ids(vision), vision.map { $0["score"]!.number!.double }))
            for result in joined {
                let id = result["image_id"]!.string!
                let expected = 0.75 * visionScores[id]! + (id == ids[1] ? 0.25 : 0)
                #expect(abs(result["score"]!.number!.double - expected) < 1e-6)
            }
            #expect(joined.count == 3)
            let scores = joined.map { $0["score"]!.number!.double }
            #expect(scores == scores.sorted(by: >))
            let both = try await client.json(
                .post, "/v1/images/search",
                ["query": "a", "search_mode": "joined", "image_weight": 0, "text_weight": 0])
            #expect(both.status == 400 && both.error["param"] == "text_weight")
        }
    }

    @Test func theRelevantOnesCanComeInOrderOfTimeAndOnce() async throws {
        let service = try await Service()
        try await service.run { client in
            let red = Bitmap.file(red: 240, green: 20, blue: 20)
            let old = try await client.ids(of: [Bitmap.red])[0]
            service.clock.advance(by: 60)
            let middle = try await client.ids(of: [red])[0]
            service.clock.advance(by: 60)
            let copy = try await client.ids(of: [Bitmap.red])[0]
            let green = try await client.ids(of: [Bitmap.green])[0]
            try await service.indexEverything()
            let newest = try await Self.search(client, ["query": "red", "sort": "upload_timestamp"])
            #expect(Self.ids(newest) == [copy, middle, old])
            let all = try await Self.search(client, ["query": "red", "sort": "upload_timestamp", "threshold": 0])
            #expect(Set(Self.ids(all)) == [copy, middle, old, green])
            let once = try await Self.search(client, ["query": "red", "group_duplicates": true])
            #expect(Self.ids(once).count == 3 && Self.ids(once).filter([old, copy].contains).count == 1)
            let second = try await Self.search(
                client, ["query": "red", "sort": "upload_timestamp", "offset": 1, "max_results": 1])
            #expect(Self.ids(second) == [middle])
        }
    }

    @Test func changesOfMetadataAndIndexing() async throws {
        let service = try await Service()
        try await service.run { client in
            let id = try await client.ids(of: [Bitmap.red], metadata: ["metadata": ["a": ["b": 1, "c": 2], "d": 3]])[0]
            try await service.indexEverything()
            let path = "/v1/images/\(id)"
            let merged = try await client.json(
                .patch, path, ["metadata_mode": "merge", "metadata": ["a": ["b": nil, "e": "x"], "d": nil]])
            #expect(merged.json["image_metadata"] == ["a": ["c": 2, "e": "x"]])
            let replaced = try await client.json(.patch, path, ["metadata": ["caption": "new"]])
            #expect(replaced.json["image_metadata"] == ["caption": "new"] && replaced.json["indexing_status"] == 2)
            for bad: JSONValue in [
                [:], ["metadata": 1], ["metadata_mode": "x", "metadata": [:]], ["metadata": ["camera_id": 7]],
                ["indexing_config": ["index": "yes"]], ["metadata_mode": "merge", "metadata": ["caption": 5]],
            ] {
                #expect(try await client.json(.patch, path, bad).status == 400, "\(bad.jsonText)")
            }
            #expect(try await client.get(path).json["image_metadata"] == ["caption": "new"])

            let out = try await client.json(.patch, path, ["indexing_config": ["index": false]])
            #expect(out.json["indexing_status"] == 0)
            #expect(try await Self.search(client, ["query": "red"]).isEmpty)
            let back = try await client.json(.patch, path, ["indexing_config": ["index": true]])
            #expect(back.json["indexing_status"] == 1)
            try await service.indexEverything()
            #expect(try await Self.ids(Self.search(client, ["query": "red"])) == [id])
        }
    }
}
