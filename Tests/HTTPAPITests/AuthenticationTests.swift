import Domain
import HTTPTypes
import LibraryTesting
import Testing

@Suite struct AuthenticationTests {
    /// Every route that needs a key.
    private static let routes: [(HTTPRequest.Method, String)] = [
        (.post, "/v1/images/upload"), (.get, "/v1/images"), (.delete, "/v1/images"),
        (.get, "/v1/images/01890000-0000-7000-8000-000000000000"),
        (.patch, "/v1/images/01890000-0000-7000-8000-000000000000"),
        (.delete, "/v1/images/01890000-0000-7000-8000-000000000000"), (.post, "/v1/images/search"), (.get, "/metrics"),
        (.get, "/v1/images/01890000-0000-7000-8000-000000000000/content"), (.get, "/v1/images/x"),
        (.head, "/v1/images"),
    ]

    @Test func everyRouteButTheOpenOnesNeedsAKey() async throws {
        let api = try await TestAPI()
        for (method, uri) in Self.routes {
            for key in [nil, "imago_unknown", "", String(repeating: "k", count: 10_000)] {
                let answer = try await api.send(method, uri, key: .some(key))
                #expect(answer.status == 401, "\(method) \(uri)")
                #expect(answer[header: "WWW-Authenticate"]?.hasPrefix("Bearer") == true)
                if method != .head {
                    #expect(answer.error["code"] == (key == nil ? "missing_api_key" : "invalid_api_key"))
                }
            }
        }
        for uri in ["/healthz", "/readyz", "/openapi.json", "/docs", "/", "/console.js"] {
            #expect(try await api.get(uri, key: .some(nil)).status == 200, "\(uri)")
        }
    }

    @Test func aKeyComesInEitherHeader() async throws {
        let api = try await TestAPI()
        for header in [
            ("X-Api-Key", api.key), ("x-api-key", api.key), ("X-API-KEY", api.key),
            ("Authorization", "Bearer \(api.key)"),
            ("authorization", "bearer \(api.key)"), ("Authorization", "BEARER   \(api.key)"),
        ] {
            #expect(try await api.get("/v1/images", headers: [header], key: .some(nil)).status == 200, "\(header)")
        }
        for header in [
            ("Authorization", api.key), ("Authorization", "Token \(api.key)"), ("Authorization", "Bearer"),
            ("Authorization", "Bearer \(api.key) x"), ("Api-Key", api.key), ("X-Api-Key", "Bearer \(api.key)"),
            ("X-Api-Key", api.key.uppercased()),
        ] {
            #expect(try await api.get("/v1/images", headers: [header], key: .some(nil)).status == 401, "\(header)")
        }
        #expect(try await api.get("/v1/images?api_key=\(api.key)", key: .some(nil)).status == 401)
    }

    /// The user of a URL, `http://KEY:@host`, comes as Basic authentication.
    @Test func aKeyMayBeTheUserOfAURL() async throws {
        let api = try await TestAPI()
        for (credentials, status) in [
            ("\(api.key):", 200), ("\(api.key):secret", 200), (api.key, 200), (":\(api.key)", 401), ("x:", 401),
            ("", 401),
        ] {
            let header = ("Authorization", "Basic " + Base64Text.encode(Array(credentials.utf8)))
            #expect(
                try await api.get("/v1/images", headers: [header], key: .some(nil)).status == status, "\(credentials)")
        }
        #expect(
            try await api.get("/v1/images", headers: [("Authorization", "Basic !!")], key: .some(nil)).status == 401)
    }

    @Test func keysEnd() async throws {
        let api = try await TestAPI()
        let (text, key, _) = try await api.keyRing.create(accountName: "mine", expiresAt: api.clock.now + 10)
        #expect(try await api.get("/v1/images", key: text).status == 200)
        api.clock.advance(by: 10)
        #expect(try await api.get("/v1/images", key: text).status == 401)
        #expect(try await api.get("/v1/images").status == 200)
        _ = key
        let other = try await api.keyRing.create(accountName: "mine")
        #expect(try await api.get("/v1/images", key: other.text).status == 200)
        _ = try await api.keyRing.revoke(idOrPrefix: other.text)
        let answer = try await api.get("/v1/images", key: other.text)
        #expect(answer.status == 401 && answer.error["code"] == "invalid_api_key")
    }

    @Test func anotherAccountsImageIsNotThere() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        try await api.library.indexAll()
        let stranger = try await api.keyRing.create(accountName: "other").text
        let unknown = "01890000-0000-7000-8000-000000000000"
        for (method, suffix) in [(HTTPRequest.Method.get, ""), (.delete, ""), (.get, "/content"), (.head, "/content")] {
            let theirs = try await api.send(method, "/v1/images/\(id)\(suffix)", key: stranger)
            let nobodys = try await api.send(method, "/v1/images/\(unknown)\(suffix)", key: stranger)
            #expect(theirs.status == 404 && nobodys.status == 404, "\(method) \(suffix)")
            #expect(
                theirs.error["code"] == nobodys.error["code"] && theirs.error["message"] == nobodys.error["message"])
        }
        let change = try await api.send(
            .patch, "/v1/images/\(id)", headers: [("Content-Type", "application/json")], key: stranger,
            body: Array(#"{"metadata":{}}"#.utf8))
        #expect(change.status == 404)
        let bulk = try await api.send(
            .delete, "/v1/images", headers: [("Content-Type", "application/json")], key: stranger,
            body: Array(#"{"ids":["\#(id)"]}"#.utf8))
        #expect(bulk.json["deleted"] == 0 && bulk.json["not_found"]?.array?.count == 1)
        #expect(try await api.get("/v1/images?ids=\(id)", key: stranger).json["total"] == 0)
        for body in [#"{"query":"red"}"#, #"{"image_id":"\#(id)"}"#] {
            let found = try await api.send(
                .post, "/v1/images/search", headers: [("Content-Type", "application/json")], key: stranger,
                body: Array(body.utf8))
            #expect(found.status == 404 || found.results.isEmpty)
        }
        #expect(try await api.get("/v1/images/\(id)").status == 200)
    }
}
