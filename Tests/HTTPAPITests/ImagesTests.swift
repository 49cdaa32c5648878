import Domain
import LibraryTesting
import Testing

/// Getting, listing, changing and deleting.
@Suite struct ImagesTests {
    @Test(arguments: [
        "x", "01890000-0000-7000-8000-000000000000", "01890000-0000-7000-8000-00000000000", "%00", "..%2F..",
        "1; DROP TABLE images",
    ])
    func malformedAndUnknownIdsAreNotThere(id: String) async throws {
        let api = try await TestAPI()
        for suffix in ["", "/content"] {
            let answer = try await api.get("/v1/images/\(id.replacing(" ", with: "%20"))\(suffix)")
            #expect(answer.status == 404 && answer.error["code"] == "image_not_found", "\(answer.text)")
        }
        let deleted = try await api.send(.delete, "/v1/images/\(id.replacing(" ", with: "%20"))")
        #expect(deleted.status == 404 && deleted.error["type"] == "not_found_error")
    }

    @Test func anImageIsTheSameByIdInTheListAndAtUpload() async throws {
        let api = try await TestAPI()
        var form = Form.files(Pictures.red)
        form.field("metadata", #"{"metadata":{"caption":"a door","n":[1,2]}}"#)
        let image = try #require(try await api.upload(form).results.first)
        let id = try #require(image["image_id"]?.string)
        #expect(try await api.get("/v1/images/\(id)").json == image)
        #expect(try await api.get("/v1/images/\(id.uppercased())").json == image)
        #expect(try await api.get("/v1/images").results == [image])
    }

    @Test func aFailureIsToldWithItsCode() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        let jobs = try await api.library.catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: api.clock.now)
        _ = try await api.library.catalog.complete(
            [
                JobCompletion(
                    job: jobs[0], outcome: .failed(IndexingFailure(code: "corrupt_image", message: "it is damaged")))
            ],
            at: api.clock.now)
        let image = try await api.get("/v1/images/\(id)").json
        #expect(image["indexing_status"] == 3)
        #expect(image["indexing_error"] == ["code": "corrupt_image", "message": "it is damaged"])
    }

    // MARK: Lists

    private func filled(_ api: TestAPI, _ count: Int) async throws -> [String] {
        var ids: [String] = []
        for number in 0..<count {
            api.clock.advance(by: 1)
            let bytes = number % 2 == 0 ? Pictures.plain([9, 9, 9], number) : Picture.gif
            ids.append(
                try await api.stored(
                    bytes,
                    metadata: ["metadata": ["n": .number(JSONNumber(number)), "a": ["b": .string("v\(number % 3)")]]]))
        }
        return ids
    }

    @Test func listsAreNewestFirstInPages() async throws {
        let api = try await TestAPI()
        let newest = Array(try await filled(api, 25).reversed())
        let usual = try await api.get("/v1/images")
        #expect(usual.ids == Array(newest.prefix(20)) && usual.json["total"] == 25)
        #expect(usual.json["next_cursor"]?.string?.isEmpty == false)
        for (query, range) in [
            ("limit=3", 0..<3), ("limit=3&offset=4", 4..<7), ("offset=20", 20..<25), ("limit=1000", 0..<25),
            ("limit=25", 0..<25),
            ("offset=25", 25..<25), ("offset=1000000", 25..<25), ("limit=1&offset=24", 24..<25),
        ] as [(String, Range<Int>)] {
            let page = try await api.get("/v1/images?\(query)")
            #expect(page.status == 200 && page.ids == Array(newest[range]) && page.json["total"] == 25, "\(query)")
        }
        for size in [1, 4, 7, 25] {
            var seen: [String] = []
            var cursor = ""
            repeat {
                let page = try await api.get("/v1/images?limit=\(size)&cursor=\(cursor)")
                seen += page.ids
                #expect(page.json["total"] == 25)
                cursor = page.json["next_cursor"]?.string ?? ""
            } while !cursor.isEmpty
            #expect(seen == newest, "pages of \(size)")
        }
        #expect(try await api.get("/v1/images?order=asc&limit=2").ids == Array(newest.suffix(2).reversed()))
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"), ("limit=99999999999999999999", "limit"), ("offset=-1", "offset"),
        ("offset=x", "offset"),
        ("limit=5&limit=6", "limit"), ("sort=name", "sort"), ("order=up", "order"), ("cursor=garbage", "cursor"),
        ("ids=x", "ids"), ("indexing_status=9", "indexing_status"), ("indexing_status=x", "indexing_status"),
        ("content_type=text/plain", "content_type"), ("uploaded_after=yesterday", "uploaded_after"),
        ("meta.n[between]=1", "meta.n[between]"), ("meta.=1", "meta."), ("meta.a..b=1", "meta.a..b"),
    ])
    func whatIsOutOfRangeIsNamed(query: String, parameter: String) async throws {
        let api = try await TestAPI()
        let answer = try await api.get("/v1/images?\(query.replacing("[", with: "%5B").replacing("]", with: "%5D"))")
        #expect(answer.status == 400 && answer.error["type"] == "validation_error", "\(answer.text)")
        #expect(answer.error["param"]?.string == parameter, "\(answer.text)")
    }

    @Test func listsAreFilteredAndSorted() async throws {
        let api = try await TestAPI()
        let ids = try await filled(api, 9)
        let start = 1_764_000_000
        for (query, positions) in [
            ("ids=\(ids[2]),\(ids[5])", [2, 5]), ("indexing_status=1", Array(0..<9)), ("indexing_status=2", []),
            ("indexing_status=0,1", Array(0..<9)), ("content_type=image/gif", [1, 3, 5, 7]),
            ("content_type=image/gif,image/png", Array(0..<9)), ("uploaded_after=\(start + 7)", [6, 7, 8]),
            ("uploaded_before=\(start + 3)", [0, 1]), ("uploaded_after=2025-11-24T16:00:08Z", [7, 8]),
            ("meta.n=4", [4]), ("meta.n[gte]=7", [7, 8]), ("meta.n[lt]=2", [0, 1]), ("meta.n[in]=1,3,99", [1, 3]),
            ("meta.a.b=v1", [1, 4, 7]), ("meta.a.b[prefix]=v", Array(0..<9)), ("meta.a.b[ne]=v1", [0, 2, 3, 5, 6, 8]),
            ("meta.x[exists]=true", []), ("meta.x[exists]=false", Array(0..<9)),
            ("meta.a.b=v1&content_type=image/gif", [1, 7]), ("meta.a.b=v1%27%20OR%201=1--", []),
            ("unknown=1", Array(0..<9)),
        ] as [(String, [Int])] {
            let escaped = query.replacing("[", with: "%5B").replacing("]", with: "%5D")
            let answer = try await api.get("/v1/images?order=asc&\(escaped)")
            #expect(answer.ids == positions.map { ids[$0] }, "\(query): \(answer.text.prefix(300))")
            #expect(answer.json["total"]?.number?.int == positions.count, "\(query)")
        }
        let sizes = try await api.get("/v1/images?sort=size_bytes&order=asc").results.compactMap {
            $0["size_bytes"]?.number?.int
        }
        #expect(sizes == sizes.sorted() && Set(sizes).count > 1)
    }

    // MARK: Changes

    @Test func metadataIsReplacedOrMerged() async throws {
        let api = try await TestAPI()
        let id = try await api.stored(metadata: ["metadata": ["a": 1, "b": ["c": 2, "d": 3]]])
        let uri = "/v1/images/\(id)"
        let replaced = try await api.send(.patch, uri, json: ["metadata": ["x": "y"]])
        #expect(replaced.status == 200 && replaced.json["image_metadata"] == ["x": "y"])
        let merged = try await api.send(
            .patch, uri, json: ["metadata": ["b": ["d": nil, "e": 4]], "metadata_mode": "merge"])
        #expect(merged.json["image_metadata"] == ["x": "y", "b": ["e": 4]])
        #expect(try await api.get(uri).json["image_metadata"] == ["x": "y", "b": ["e": 4]])
        let emptied = try await api.send(.patch, uri, json: ["metadata": [:]])
        #expect(emptied.json["image_metadata"] == [:])
        #expect(try await api.get("/v1/images?meta.x=y").json["total"] == 0)
    }

    @Test func indexingIsTurnedOnAndOff() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        try await api.library.indexAll()
        #expect(try await api.search(["query": "red"]).ids == [id])
        let off = try await api.send(.patch, "/v1/images/\(id)", json: ["indexing_config": ["index": false]])
        #expect(off.json["indexing_status"] == 0)
        #expect(try await api.search(["query": "red"]).ids == [])
        let on = try await api.send(
            .patch, "/v1/images/\(id)", json: ["indexing_config": ["index": true], "metadata": ["n": 1]])
        #expect(on.json["indexing_status"] == 1 && on.json["image_metadata"] == ["n": 1])
        try await api.library.indexAll()
        #expect(try await api.search(["query": "red"]).ids == [id])
    }

    @Test func changesThatMakeNoSenseChangeNothing() async throws {
        let api = try await TestAPI()
        let id = try await api.stored(metadata: ["metadata": ["a": 1]])
        for (body, parameter): (JSONValue, String?) in [
            ([:], "metadata"), (["other": 1], "metadata"), (["metadata": 7], "metadata"),
            (["metadata": ["camera_id": 7]], "metadata.camera_id"),
            (["metadata": [:], "metadata_mode": "append"], "metadata_mode"),
            (["metadata": 7, "metadata_mode": "merge"], "metadata"),
            (["metadata": ["camera_id": 7], "metadata_mode": "merge"], "metadata.camera_id"),
            (["indexing_config": 7], "indexing_config"), (["indexing_config": ["index": 1]], "indexing_config.index"),
            // The metadata are good and the rest is not.
            (["metadata": ["b": 2], "indexing_config": ["index": "no"]], "indexing_config.index"), ([], nil),
            ("text", nil),
        ] {
            let answer = try await api.send(.patch, "/v1/images/\(id)", json: body)
            #expect(
                answer.status == 400 && answer.error["param"]?.string == parameter, "\(body.jsonText): \(answer.text)")
        }
        let image = try await api.get("/v1/images/\(id)").json
        #expect(image["image_metadata"] == ["a": 1] && image["indexing_status"] == 1)
        #expect(try await api.send(.patch, "/v1/images/x", json: ["metadata": [:]]).status == 404)
        #expect(
            try await api.send(.patch, "/v1/images/01890000-0000-7000-8000-000000000000", json: ["metadata": [:]])
                .status == 404)
        let type = try await api.send(
            .patch, "/v1/images/\(id)", headers: [("Content-Type", "text/plain")], body: [0x7B, 0x7D])
        #expect(type.status == 415)
    }

    // MARK: Deletes

    @Test func aDeletedImageIsNowhere() async throws {
        let api = try await TestAPI()
        let image = try #require(try await api.upload(.files(Pictures.red)).results.first)
        let id = try #require(image["image_id"]?.string)
        try await api.library.indexAll()
        let answer = try await api.send(.delete, "/v1/images/\(id)")
        #expect(
            answer.json == ["status": "success", "message": "Image ID deleted successfully", "image_id": .string(id)])
        #expect(try await api.get("/v1/images/\(id)").status == 404)
        #expect(try await api.total() == 0)
        #expect(try await api.search(["query": "red"]).ids == [])
        let url = try #require(image["image_url"]?.string)
        #expect(try await api.get(String(url.dropFirst("http://localhost".count)), key: .some(nil)).status == 404)
        #expect(try await api.send(.delete, "/v1/images/\(id)").status == 404)
        #expect(api.library.stored.isEmpty)
    }

    @Test func manyAreDeletedByIdOrFilter() async throws {
        let api = try await TestAPI()
        let ids = try await filled(api, 9)
        let unknown = "01890000-0000-7000-8000-000000000000"
        let byId = try await api.send(
            .delete, "/v1/images", json: ["ids": [.string(ids[0]), .string(unknown), .string(ids[3]), .string(ids[0])]])
        #expect(byId.status == 200 && byId.json["status"] == "success" && byId.json["deleted"] == 2)
        #expect(
            byId.json["image_ids"] == [.string(ids[0]), .string(ids[3])] && byId.json["not_found"] == [.string(unknown)]
        )
        let byFilter = try await api.send(.delete, "/v1/images", json: ["filters": ["meta.a.b": "v1"]])
        #expect(byFilter.status == 200 && byFilter.json["deleted"] == 3)
        #expect(try await api.get("/v1/images?order=asc").ids == [2, 5, 6, 8].map { ids[$0] })
        let none = try await api.send(.delete, "/v1/images", json: ["filters": ["meta.a.b": "nothing"]])
        #expect(none.status == 200 && none.json["deleted"] == 0)
    }

    @Test func deletingEverythingByASlipIsRefused() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        for body: JSONValue in [
            [:], ["filters": [:]], ["ids": []], ["filters": nil], ["ids": [.string(id)], "filters": ["meta.a": 1]],
            ["ids": "x"],
            ["ids": ["x"]], ["ids": [7]], ["filters": []], ["filters": ["unknown": 1]], [],
        ] {
            let answer = try await api.send(.delete, "/v1/images", json: body)
            #expect(answer.status == 400, "\(body.jsonText): \(answer.text)")
        }
        #expect(try await api.total() == 1)
    }
}

extension Picture {
    /// An animation of three frames.
    static let gif = Handmade.gif(
        screen: (6, 5), colours: [[200, 0, 0], [0, 200, 0], [0, 0, 200]],
        frames: (0..<3).map { Handmade.Frame(width: 6, height: 5, colour: UInt8($0)) })
}
