import Domain
import LibraryTesting
import Testing

/// `POST /v1/images/search`
@Suite struct SearchTests {
    /// Pictures from red to blue: 0 is the reddest.
    private func filled() async throws -> (TestAPI, [String]) {
        let api = try await TestAPI()
        var ids: [String] = []
        for number in 0..<8 {
            api.clock.advance(by: 1)
            ids.append(
                try await api.stored(
                    Pictures.plain([UInt8(240 - number * 30), 0, UInt8(number * 30)]),
                    metadata: [
                        "metadata": ["n": .number(JSONNumber(number)), "caption": number == 7 ? "a red coat" : "x"]
                    ]))
        }
        try await api.library.indexAll()
        return (api, ids)
    }

    @Test func resultsHaveWhatTheContractSays() async throws {
        let (api, ids) = try await filled()
        let answer = try await api.search(["query": "red"])
        #expect(answer.status == 200 && answer.ids == ids)
        let first = try #require(answer.results.first)
        #expect(first["image_metadata"]?["n"] == 0 && first["upload_timestamp"]?.number?.double == 1_764_000_001)
        #expect(first["image_url"]?.string?.contains("/v1/images/\(ids[0])/content?expires=") == true)
        let scores = answer.results.compactMap { $0["score"]?.number?.double }
        #expect(scores == scores.sorted(by: >) && scores.count == 8 && scores[0] > 0.9 && scores[7] < 0.1)
        let similarities = answer.results.compactMap { $0["similarity"]?.number?.double }
        #expect(similarities == similarities.sorted(by: >) && similarities[0] <= 1.001)
    }

    @Test func pagesAndThresholds() async throws {
        let (api, ids) = try await filled()
        for (body, range): (JSONValue, Range<Int>) in [
            (["query": "red", "max_results": 1], 0..<1), (["query": "red", "max_results": 200], 0..<8),
            (["query": "red", "max_results": 3, "offset": 2], 2..<5), (["query": "red", "offset": 8], 8..<8),
            (["query": "red", "threshold": 0], 0..<8), (["query": "red", "threshold": nil], 0..<8),
            (["query": "red", "threshold": 1], 8..<8), (["query": "red", "search_mode": "vision"], 0..<8),
            (["query": "red", "max_results": nil, "offset": nil, "filters": nil, "image_id": nil], 0..<8),
            (["query": "red", "unknown": 1], 0..<8),
        ] {
            #expect(try await api.search(body).ids == Array(ids[range]), "\(body.jsonText)")
        }
        let half = try await api.search(["query": "red", "threshold": 0.5])
        #expect(!half.ids.isEmpty && half.ids.count < 8)
        #expect(half.results.allSatisfy { $0["score"]?.number?.double ?? 0 >= 0.5 })
    }

    @Test func filtersComeFirst() async throws {
        let (api, ids) = try await filled()
        for (filters, positions): (JSONValue, [Int]) in [
            (["meta.n": ["gte": 6]], [6, 7]), (["meta.n": 3], [3]), (["ids": [.string(ids[5])]], [5]),
            (["indexing_status": 1], []),
            (["content_type": "image/png", "meta.n": ["lt": 2]], [0, 1]),
            (["n": ["operator": "range", "value": ["_from": 2, "_to": 4]]], [2, 3, 4]),
        ] {
            let answer = try await api.search(["query": "red", "filters": filters])
            #expect(answer.ids == positions.map { ids[$0] }, "\(filters.jsonText): \(answer.text.prefix(200))")
        }
    }

    @Test func modesAndWeights() async throws {
        let (api, ids) = try await filled()
        let joined = try await api.search(["query": "red coat", "search_mode": "joined"])
        #expect(joined.status == 200 && joined.ids.prefix(2).contains(ids[7]), "\(joined.text)")
        let words = try await api.search([
            "query": "coat", "search_mode": "joined", "image_weight": 0, "text_weight": 1,
        ])
        #expect(words.ids == [ids[7]])
        let vision = try await api.search([
            "query": "red coat", "search_mode": "joined", "image_weight": 1, "text_weight": 0,
        ])
        #expect(vision.ids == ids)
        let plain = try await api.search(["query": "red coat"])
        #expect(vision.results.map { $0["score"] } == plain.results.map { $0["score"] })
    }

    /// The score is the weighted sum of the two.
    @Test func weightsAreScaledToOne() async throws {
        let (api, ids) = try await filled()
        let vision = try await api.search(["query": "red coat"])
        let scores = Dictionary(
            uniqueKeysWithValues: zip(vision.ids, vision.results.compactMap { $0["score"]?.number?.double }))
        for (weights, share) in [
            (["image_weight": 3, "text_weight": 1], 0.75), (["image_weight": 0.25], 0.25),
            (["text_weight": 0.25], 0.75),
        ]
            as [(JSONObject, Double)]
        {
            var body: JSONObject = ["query": "red coat", "search_mode": "joined"]
            for (name, value) in weights.members { body[name] = value }
            let joined = try await api.search(.object(body))
            for result in joined.results {
                let id = try #require(result["image_id"]?.string)
                let want = share * (scores[id] ?? 0) + (id == ids[7] ? 1 - share : 0)
                #expect(abs((result["score"]?.number?.double ?? -1) - want) < 1e-6, "\(joined.text)")
            }
        }
    }

    @Test func theRelevantOnesCanComeInAnotherOrderAndOnce() async throws {
        let (api, ids) = try await filled()
        api.clock.advance(by: 1)
        let twin = try await api.stored(Pictures.plain([240, 0, 0]))
        try await api.library.indexAll()
        let relevant = try await api.search(["query": "red", "threshold": 0.5]).ids
        let newest = try await api.search(["query": "red", "sort": "upload_timestamp"])
        #expect(newest.ids == [twin] + ids.reversed().filter { relevant.contains($0) }, "\(newest.text)")
        let second = try await api.search(["query": "red", "sort": "upload_timestamp", "offset": 1, "max_results": 1])
        #expect(second.ids == [newest.ids[1]])
        let once = try await api.search(["query": "red", "group_duplicates": true, "max_results": 200])
        #expect(once.ids.count == 8 && once.ids.count { [ids[0], twin].contains($0) } == 1)
    }

    @Test func imagesAreSearchedFor() async throws {
        let (api, ids) = try await filled()
        let like = try await api.search(["image_id": .string(ids[0]), "max_results": 2])
        #expect(like.ids == [ids[1], ids[2]])
        let text = Base64Text.encode(Pictures.blue)
        for image in [text, "data:image/png;base64,\(text)"] {
            #expect(try await api.search(["image": .string(image), "max_results": 1]).ids == [ids[7]])
        }
        var form = Form()
        form.field("max_results", "1")
        form.file(Pictures.blue, part: "image")
        let found = try await api.send(
            .post, "/v1/images/search", headers: [("Content-Type", form.contentType)], body: form.bytes)
        #expect(found.ids == [ids[7]], "\(found.text)")
        var both = Form()
        for (name, value) in [
            ("query", "red"), ("filters", #"{"meta.n":{"gte":2}}"#), ("threshold", "0.1"), ("offset", "0"),
        ] {
            both.field(name, value)
        }
        both.file(Pictures.blue, part: "file")
        let mixed = try await api.send(
            .post, "/v1/images/search", headers: [("Content-Type", both.contentType)], body: both.bytes)
        #expect(mixed.status == 200 && [ids[3], ids[4]].contains(mixed.ids.first), "\(mixed.text)")
        #expect(api.library.temporaries == 0 && api.library.stored.count == 8)
    }

    @Test func whatIsWrongIsNamed() async throws {
        let (api, ids) = try await filled()
        for (body, parameter): (JSONValue, String?) in [
            ([:], "query"), (["query": ""], "query"), (["query": " \t\n\u{3000}"], "query"), (["query": 7], "query"),
            (["query": nil], "query"), (["query": .string(String(repeating: "x", count: 5000))], "query"),
            (["query": "x", "max_results": 0], "max_results"), (["query": "x", "max_results": 201], "max_results"),
            (["query": "x", "max_results": 1.5], "max_results"), (["query": "x", "max_results": "10"], "max_results"),
            (["query": "x", "threshold": -0.1], "threshold"), (["query": "x", "threshold": 1.01], "threshold"),
            (["query": "x", "threshold": "high"], "threshold"), (["query": "x", "offset": -1], "offset"),
            (["query": "x", "offset": 10_001], "offset"), (["query": "x", "search_mode": "audio"], "search_mode"),
            (["query": "x", "search_mode": 7], "search_mode"), (["query": "x", "sort": "name"], "sort"),
            (["query": "x", "group_duplicates": "yes"], "group_duplicates"),
            (["query": "x", "search_mode": "joined", "image_weight": 0, "text_weight": 0], "text_weight"),
            (["query": "x", "search_mode": "joined", "image_weight": -1], "image_weight"),
            (["query": "x", "filters": []], "filters"),
            (["query": "x", "filters": ["meta.n": ["near": 1]]], "filters.meta.n.near"),
            (["image": "no base64!"], "image"), ([], nil),
        ] {
            let answer = try await api.search(body)
            #expect(answer.status == 400, "\(body.jsonText.prefix(80)): \(answer.text)")
            #expect(answer.error["param"]?.string == parameter, "\(body.jsonText.prefix(80)): \(answer.text)")
        }
        for id in ["x", "01890000-0000-7000-8000-000000000000"] {
            let answer = try await api.search(["image_id": .string(id)])
            #expect(answer.status == 404 && answer.error["param"] == "image_id")
        }
        let fresh = try await api.stored(Pictures.green)
        let early = try await api.search(["image_id": .string(fresh)])
        #expect(early.status == 400 && early.error["code"] == "image_not_indexed", "\(early.text)")
        let noImage = try await api.search(["image": .string(Base64Text.encode(Pictures.text))])
        #expect(noImage.status == 415)
        var two = Form()
        two.file(Pictures.red)
        two.file(Pictures.blue)
        let many = try await api.send(
            .post, "/v1/images/search", headers: [("Content-Type", two.contentType)], body: two.bytes)
        #expect(many.status == 413 && many.error["code"] == "too_many_files")
        #expect(api.library.temporaries == 0)
        for (type, status) in [
            ("text/plain", 415), ("application/json; charset=utf-8", 200), ("application/vnd.x+json", 200),
        ] {
            let answer = try await api.send(
                .post, "/v1/images/search", headers: [("Content-Type", type)], body: Array(#"{"query":"red"}"#.utf8))
            #expect(answer.status == status, "\(type)")
        }
        _ = ids
    }

    @Test func aSearchAfterStatus2SeesTheImage() async throws {
        let api = try await TestAPI()
        for number in 0..<20 {
            let id = try await api.stored(Pictures.plain([200, 0, 0], number))
            try await api.library.indexAll()
            #expect(try await api.get("/v1/images/\(id)").json["indexing_status"] == 2)
            #expect(try await api.search(["query": "red", "max_results": 200]).ids.contains(id))
        }
    }
}
