import Domain
import Testing

@testable import HTTPAPI

/// Every row of the contract's error table.
@Suite struct ErrorTableTests {
    private func check(
        _ answer: Client.Answer, _ status: Int, _ type: String, _ code: String, parameter: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(answer.json.jsonText)", sourceLocation: sourceLocation)
        #expect(answer.error["type"] == .string(type), sourceLocation: sourceLocation)
        #expect(answer.error["code"] == .string(code), sourceLocation: sourceLocation)
        #expect(answer.error["message"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        if let parameter { #expect(answer.error["param"] == .string(parameter), sourceLocation: sourceLocation) }
        #expect(answer.error["request_id"]?.string == answer[header: "X-Request-ID"], sourceLocation: sourceLocation)
        #expect(answer[header: "Content-Type"] == "application/json", sourceLocation: sourceLocation)
    }

    @Test func aRequestThatMakesNoSenseIs400() async throws {
        let service = try await Service()
        try await service.run { client in
            let validation = "validation_error"
            check(try await client.get("/v1/images?limit=0"), 400, validation, "invalid_parameter", parameter: "limit")
            check(
                try await client.get("/v1/images?limit=1001"), 400, validation, "invalid_parameter", parameter: "limit")
            check(try await client.get("/v1/images?limit=x"), 400, validation, "invalid_parameter", parameter: "limit")
            check(
                try await client.get("/v1/images?offset=-1"), 400, validation, "invalid_parameter", parameter: "offset")
            check(
                try await client.get("/v1/images?cursor=z"), 400, validation, "invalid_parameter", parameter: "cursor")
            check(try await client.get("/v1/images?sort=name"), 400, validation, "invalid_parameter", parameter: "sort")
            check(try await client.form(Array("rubbish".utf8)), 400, validation, "malformed_multipart")
            check(
                try await client.form(Client.part("images", Bitmap.red, fileName: "cut.bmp")), 400, validation,
                "malformed_multipart")
            check(try await client.upload([]), 400, validation, "no_images", parameter: "images")
            check(
                try await client.upload([Bitmap.red], metadata: [[:], [:]]), 400, validation, "invalid_metadata",
                parameter: "metadata")
            check(
                try await client.upload([Bitmap.red], metadata: [["metadata": ["camera_id": 7]]]), 400, validation,
                "invalid_metadata", parameter: "metadata[0].metadata.camera_id")
            let nested = Array((String(repeating: "[", count: 10_000)).utf8)
            check(
                try await client.form(
                    Client.part("metadata", nested, fileName: nil) + Client.part("images", Bitmap.red, fileName: "a")
                        + Array("--\(Client.boundary)--\r\n".utf8)), 400, validation, "invalid_json",
                parameter: "metadata")
            let search = "/v1/images/search"
            check(
                try await client.json(.post, search, ["query": "  "]), 400, validation, "invalid_parameter",
                parameter: "query")
            check(try await client.json(.post, search, [:]), 400, validation, "invalid_parameter", parameter: "query")
            check(
                try await client.json(.post, search, ["query": "a", "max_results": 201]), 400, validation,
                "invalid_parameter", parameter: "max_results")
            check(
                try await client.json(.post, search, ["query": "a", "threshold": 1.5]), 400, validation,
                "invalid_parameter", parameter: "threshold")
            check(
                try await client.json(.post, search, ["query": "a", "search_mode": "x"]), 400, validation,
                "invalid_parameter", parameter: "search_mode")
            check(
                try await client.json(.post, search, ["query": "a", "filters": ["colour": "red"]]), 400, validation,
                "invalid_parameter", parameter: "filters.colour")
            check(
                try await client.json(.delete, "/v1/images", ["filters": [:]]), 400, validation, "invalid_parameter",
                parameter: "filters")
            check(
                try await client.send(.post, search, ["Content-Type": "application/json"], body: Array("{".utf8)), 400,
                validation, "invalid_json")
        }
        #expect(service.temporaryFiles.isEmpty)
        #expect(try await service.catalog.imageCounts().isEmpty)
    }

    @Test func withoutAValidKeyItIs401() async throws {
        let service = try await Service()
        let short = try await service.keyRing.create(accountName: "test", expiresAt: service.clock.now + 10).text
        try await service.run { client in
            let image = try await client.ids(of: [Bitmap.red])[0]
            let stranger = client.with(key: nil)
            for (method, path) in [
                (.get, "/v1/images"), (.get, "/v1/images/\(image)"), (.delete, "/v1/images/\(image)"),
                (.get, "/v1/images/\(image)/content"), (.get, "/metrics"), (.patch, "/v1/images/\(image)"),
                (.post, "/v1/images/upload"), (.post, "/v1/images/search"), (.delete, "/v1/images"),
            ] as [(HTTPRequestMethod, String)] {
                let answer = try await stranger.send(method, path)
                check(answer, 401, "authentication_error", "missing_api_key")
                #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Bearer") == true)
            }
            check(
                try await client.with(key: "imago_nobody").get("/v1/images"), 401, "authentication_error",
                "invalid_api_key")
            #expect(try await stranger.get("/v1/images", ["authorization": "bearer \(service.key)"]).status == 200)
            // The user of a URL: `http://KEY:@host`.
            let basic = "Basic " + Base64Text.encode(Array("\(service.key):".utf8))
            #expect(try await stranger.get("/v1/images", ["Authorization": basic]).status == 200)

            #expect(try await client.with(key: short).get("/v1/images").status == 200)
            service.clock.advance(by: 11)
            check(try await client.with(key: short).get("/v1/images"), 401, "authentication_error", "invalid_api_key")
            for path in ["/healthz", "/readyz", "/", "/docs", "/openapi.json"] {
                #expect(try await stranger.get(path).status == 200, "\(path)")
            }
        }
    }

    @Test func whatIsNotThereIs404AndAnotherMethodIs405() async throws {
        let service = try await Service()
        let other = try await service.keyRing.create(accountName: "other").text
        try await service.run { client in
            let image = try await client.ids(of: [Bitmap.red])[0]
            for path in ["/v1/images/nonsense", "/v1/images/00000000-0000-7000-8000-000000000000"] {
                check(try await client.get(path), 404, "not_found_error", "image_not_found")
                check(try await client.send(.delete, path), 404, "not_found_error", "image_not_found")
                check(try await client.get(path + "/content"), 404, "not_found_error", "image_not_found")
                check(
                    try await client.json(.patch, path, ["metadata": [:]]), 404, "not_found_error", "image_not_found")
            }
            check(try await client.get("/v2/nothing"), 404, "not_found_error", "route_not_found")
            check(
                try await client.with(key: other).get("/v1/images/\(image)"), 404, "not_found_error", "image_not_found")
            let wrong = try await client.send(.put, "/v1/images/\(image)")
            check(wrong, 405, "validation_error", "method_not_allowed")
            #expect(wrong[header: "Allow"] == "DELETE, GET, HEAD, PATCH")
        }
    }

    @Test func aKeyUsedForAnotherRequestIs409() async throws {
        let service = try await Service()
        try await service.run { client in
            let key = ["Idempotency-Key": "one"]
            let first = try await client.upload([Bitmap.red], key)
            let again = try await client.upload([Bitmap.red], key)
            #expect(first.status == 200 && again.results.map { $0["image_id"] } == first.results.map { $0["image_id"] })
            check(try await client.upload([Bitmap.blue], key), 409, "conflict_error", "idempotency_key_reused")
            #expect(try await client.get("/v1/images").json["total"] == 1)
            // After a day the key is free again.
            service.clock.advance(by: 86_401)
            let next = try await client.upload([Bitmap.red], key)
            #expect(next.status == 200 && next.results[0]["image_id"] != first.results[0]["image_id"])
        }
        #expect(service.temporaryFiles.isEmpty)
    }

    @Test func overALimitIs413AndTheMessageNamesIt() async throws {
        let limits = HTTPLimits(fileBytes: 2000, files: 2, requestBytes: 8000, metadataBytes: 300, jsonBytes: 500)
        let service = try await Service(HTTPAPIConfiguration(limits: limits))
        try await service.run { client in
            let validation = "validation_error"
            let large = Bitmap.file(red: 1, green: 2, blue: 3, width: 40, height: 40)
            let file = try await client.upload([large])
            check(file, 413, validation, "file_too_large")
            #expect(file.error["message"]?.string?.contains("2000") == true)
            #expect(file.error["details"]?.array?.first?["file_name"] == "file0.bin", "\(file.json.jsonText)")
            let files = try await client.upload([Bitmap.red, Bitmap.green, Bitmap.blue])
            check(files, 413, validation, "too_many_files", parameter: "images")
            let request = try await client.upload([large, large])
            check(request, 413, validation, "request_too_large")
            #expect(request.error["message"]?.string?.contains("8000") == true)
            let metadata = try await client.upload(
                [Bitmap.red], metadata: [["metadata": ["note": .string(String(repeating: "x", count: 400))]]])
            check(metadata, 413, validation, "limit_exceeded", parameter: "metadata")
            // Ten million pixels in a header of 54 bytes, and none of them there.
            let bomb =
                Array(Bitmap.file(red: 0, green: 0, blue: 0, width: 1, height: 1).prefix(18)) + [
                    0, 16, 0, 0, 0, 16, 0, 0,
                ]
                + Array(Bitmap.red.dropFirst(26).prefix(100))
            let pixels = try await client.upload([bomb])
            check(pixels, 413, validation, "image_too_large")
            #expect(pixels.error["message"]?.string?.contains("1000000") == true)
        }
        #expect(service.temporaryFiles.isEmpty)
    }

    @Test func whatIsNoImageIs415AndABatchIsAllOrNothing() async throws {
        let service = try await Service()
        try await service.run { client in
            let validation = "validation_error"
            let text = Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)
            let mixed = try await client.upload([Bitmap.red, text, Array(Bitmap.blue.prefix(20)), [1]])
            #expect(mixed.status == 415)
            let details = mixed.error["details"]?.array ?? []
            #expect(details.map { $0["position"] } == [1, 2, 3], "\(mixed.json.jsonText)")
            #expect(details.allSatisfy { $0["code"]?.string != nil && $0["message"]?.string != nil })
            #expect(try await client.get("/v1/images").json["total"] == 0)

            let partial = try await client.upload([text, Bitmap.red], query: "?partial=true")
            #expect(partial.status == 200)
            #expect(partial.results[0]["error"]?["code"] == "unsupported_image")
            #expect(partial.results[1]["image_id"]?.string != nil)
            check(
                try await client.send(.post, "/v1/images/upload", ["Content-Type": "text/plain"], body: [1]), 415,
                validation, "unsupported_content_type")
        }
        #expect(service.temporaryFiles.isEmpty)
    }

    @Test func aFullQueueIs503() async throws {
        let service = try await Service(maximumQueued: 3)
        try await service.run { client in
            service.backlog.counts = JobCounts(queued: 3, running: 0, oldestDueAt: nil)
            let answer = try await client.upload([Bitmap.red])
            check(answer, 503, "server_error", "indexing_queue_full")
            #expect(Int(answer[header: "Retry-After"] ?? "") ?? 0 > 0)
        }
    }

    @Test func requestIDsAreTheClientsWhereSane() async throws {
        let service = try await Service()
        try await service.run { client in
            #expect(
                try await client.get("/healthz", ["X-Request-ID": "abc-1.2_3"])[header: "X-Request-ID"] == "abc-1.2_3")
            for bad in ["a b", String(repeating: "x", count: 129), "a\"b"] {
                let id = try await client.get("/healthz", ["X-Request-ID": bad])[header: "X-Request-ID"]
                #expect(id != bad && id?.isEmpty == false)
            }
        }
    }
}
