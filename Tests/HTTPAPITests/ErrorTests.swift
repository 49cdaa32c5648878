import Domain
import GRDB
import HTTPAPI
import HTTPTypes
import LibraryTesting
import Testing

/// The error table's rows that belong to no route in particular.
@Suite struct ErrorTests {
    @Test func routesThatDoNotExist() async throws {
        let api = try await TestAPI()
        for uri in [
            "/v1", "/v2/images", "/v1/images/x/y", "/admin", "/v1/images/upload/x", "/..%2f..%2fetc/passwd", "/%00",
        ] {
            for key in [nil, api.key] {
                let answer = try await api.get(uri, key: .some(key))
                #expect(answer.status == 404 && answer.error["code"] == "route_not_found", "\(uri): \(answer.text)")
            }
        }
    }

    @Test func methodsThatARouteDoesNotHave() async throws {
        let api = try await TestAPI()
        let id = "01890000-0000-7000-8000-000000000000"
        for (method, uri, allowed) in [
            (HTTPRequest.Method.put, "/v1/images", "DELETE, GET, HEAD"), (.post, "/v1/images", "DELETE, GET, HEAD"),
            (.post, "/v1/images/\(id)", "DELETE, GET, HEAD, PATCH"), (.put, "/v1/images/\(id)/content", "GET, HEAD"),
            (.post, "/healthz", "GET, HEAD"), (.init("BREW")!, "/metrics", "GET, HEAD"), (.delete, "/", "GET, HEAD"),
        ] as [(HTTPRequest.Method, String, String)] {
            let answer = try await api.send(method, uri)
            #expect(
                answer.status == 405 && answer.error["code"] == "method_not_allowed", "\(method) \(uri): \(answer.text)"
            )
            #expect(answer[header: "Allow"] == allowed, "\(method) \(uri): \(answer[header: "Allow"] ?? "")")
        }
    }

    /// `upload` and `search` are no ids.
    @Test func theNamesOfActionsAreNoImages() async throws {
        let api = try await TestAPI()
        for uri in ["/v1/images/upload", "/v1/images/search"] {
            let answer = try await api.get(uri)
            #expect(answer.status == 405 && answer[header: "Allow"] == "POST", "\(uri): \(answer.text)")
        }
    }

    @Test func requestIds() async throws {
        let api = try await TestAPI()
        for id in ["abc", "A-b_c.9", String(repeating: "x", count: 128)] {
            #expect(try await api.get("/healthz", headers: [("X-Request-ID", id)])[header: "X-Request-ID"] == id)
            let error = try await api.get("/v1/images/x", headers: [("X-Request-ID", id)])
            #expect(error.error["request_id"]?.string == id)
        }
        var seen: Set<String> = []
        for id in ["", "a b", "a\"b", "é", "<script>", String(repeating: "x", count: 129), "a/b"] {
            let made = try #require(
                try await api.get("/healthz", headers: [("X-Request-ID", id)])[header: "X-Request-ID"])
            #expect(made != id && seen.insert(made).inserted)
        }
    }

    @Test func bodiesThatAreNoJSON() async throws {
        let api = try await TestAPI(limits: HTTPLimits(imageJSONBytes: 500, jsonBytes: 500))
        let id = try await api.stored()
        for (method, uri) in [
            (HTTPRequest.Method.post, "/v1/images/search"), (.delete, "/v1/images"), (.patch, "/v1/images/\(id)"),
        ] {
            func send(_ body: String, _ type: String? = "application/json") async throws -> TestAPI.Answer {
                try await api.send(
                    method, uri, headers: type.map { [("Content-Type", $0)] } ?? [], body: Array(body.utf8))
            }
            for body in ["", "{", "nul", "[]", "\"x\"", "{}x", "{\"a\":1,}", "\u{FEFF}{", "{\"a\":\"\u{1}\"}"] {
                let answer = try await send(body)
                #expect(
                    answer.status == 400 && answer.error["code"] == "invalid_json", "\(method) \(body): \(answer.text)")
            }
            let deep = String(repeating: "[", count: 200)
            #expect(try await send(deep).status == 400)
            let large = try await send(#"{"query":"\#(String(repeating: "x", count: 500))"}"#)
            #expect(large.status == 413 && large.error["message"]?.string?.contains("500") == true, "\(large.text)")
            #expect(try await send("{}", "text/plain").status == 415)
            #expect(try await send("{}", "multipart/mixed; boundary=x").status == 415)
        }
    }

    /// Nothing of what went wrong inside is told.
    @Test func aStoreThatIsDownAsksToComeBackAndTellsNothing() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        let other = try DatabaseQueue(path: api.library.folder.path + "/catalog.sqlite")
        try await other.write { try $0.execute(sql: "ALTER TABLE image RENAME TO elsewhere") }
        let answers = [
            try await api.get("/v1/images"), try await api.get("/v1/images/\(id)"),
            try await api.upload(.files(Pictures.blue)), try await api.send(.delete, "/v1/images/\(id)"),
            try await api.search(["query": "red", "filters": ["meta.n": 1]]),
        ]
        for answer in answers {
            #expect(answer.status == 503 && answer.error["type"] == "server_error", "\(answer.text)")
            #expect(Int(answer[header: "Retry-After"] ?? "") ?? 0 > 0)
            for secret in ["images", "SQL", "sqlite", "elsewhere", "/tmp", "no such table", "GRDB"]
            where secret != "images" {
                #expect(!answer.text.contains(secret), "\(answer.text)")
            }
        }
        #expect(api.library.temporaries == 0 && api.library.stored.count == 1)
    }

    @Test func aFaultOfOursIsA500ThatTellsNothing() async throws {
        let encoder = ColourEncoder()
        let api = try await TestAPI(library: try await TestLibrary(encoder: encoder))
        encoder.isBroken = true
        let answer = try await api.search(["query": "red"])
        #expect(answer.status == 500 && answer.error["code"] == "internal_error")
        #expect(!answer.text.contains("Broken") && !answer.text.contains("ColourEncoder"))
        encoder.isBroken = false
        #expect(try await api.search(["query": "red"]).status == 200)
    }

    @Test func headsHaveNoBody() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        for uri in ["/v1/images", "/v1/images/\(id)", "/v1/images/x", "/healthz", "/metrics", "/", "/nowhere"] {
            let get = try await api.get(uri)
            let head = try await api.send(.head, uri)
            #expect(head.status == get.status && head.body.isEmpty, "\(uri)")
            #expect(head[header: "Content-Type"] == get[header: "Content-Type"], "\(uri)")
        }
    }
}
