import Domain
import HTTPTypes
import Testing

@testable import HTTPAPI

/// What the routes answer is what the description says they answer, member by member.
@Suite struct DescribedAnswersTests {
    private let api: OpenAPIDocument
    init() throws { api = try OpenAPIDocument() }

    /// Holds an answer against its description; a status that is not described has none.
    private func check(
        _ answer: Client.Answer, _ method: String, _ path: String, status: Int,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, sourceLocation: location)
        let schema = try #require(
            api.answerSchema(method, path, answer.status), "\(method) \(path) has no \(answer.status)",
            sourceLocation: location)
        let problems = api.strictChecker.problems(answer.json, schema)
        #expect(problems.isEmpty, "\(problems)", sourceLocation: location)
    }

    @Test func ofImages() async throws {
        let service = try await Service()
        try await service.run { client in
            let metadata: JSONValue = ["metadata": ["camera_id": "7", "caption": "red", "more": ["a": [1, nil]]]]
            let uploaded = try await client.upload([Bitmap.red, Bitmap.green], metadata: metadata)
            try check(uploaded, "POST", "/v1/images/upload", status: 200)
            try check(
                try await client.upload([Bitmap.blue, [1, 2, 3]], query: "?partial=true"), "POST",
                "/v1/images/upload", status: 200)
            try await service.indexEverything()
            let ids = uploaded.results.compactMap { $0["image_id"]?.string }
            let one = "/v1/images/{image_id}"
            try check(try await client.get("/v1/images/\(ids[0])"), "GET", one, status: 200)
            try check(try await client.get("/v1/images?limit=2"), "GET", "/v1/images", status: 200)
            try check(try await client.get("/v1/images?limit=200"), "GET", "/v1/images", status: 200)
            let change: JSONValue = ["metadata": ["caption": nil], "metadata_mode": "merge"]
            try check(try await client.json(.patch, "/v1/images/\(ids[0])", change), "PATCH", one, status: 200)
            for search: JSONValue in [["query": "red"], ["image_id": .string(ids[1]), "search_mode": "joined"]] {
                let found = try await client.json(.post, "/v1/images/search", search)
                #expect(!found.results.isEmpty)
                try check(found, "POST", "/v1/images/search", status: 200)
            }
            let some: JSONValue = ["ids": [.string(ids[1]), "019aaf3e-7c41-7d52-9f0b-3d1c5a7e2b64"]]
            try check(try await client.json(.delete, "/v1/images", some), "DELETE", "/v1/images", status: 200)
            let filter: JSONValue = ["filters": ["content_type": "image/png"]]
            try check(try await client.json(.delete, "/v1/images", filter), "DELETE", "/v1/images", status: 200)
            try check(try await client.send(.delete, "/v1/images/\(ids[0])"), "DELETE", one, status: 200)
        }
    }

    @Test func ofErrors() async throws {
        try await Service().run { client in
            let one = "/v1/images/{image_id}"
            try check(try await client.upload([]), "POST", "/v1/images/upload", status: 400)
            try check(try await client.upload([[1, 2, 3]]), "POST", "/v1/images/upload", status: 415)
            try check(try await client.get("/v1/images?limit=0"), "GET", "/v1/images", status: 400)
            try check(try await client.get("/v1/images/none"), "GET", one, status: 404)
            try check(try await client.with(key: "no").get("/v1/images/none"), "GET", one, status: 401)
            try check(try await client.json(.patch, "/v1/images/none", [:]), "PATCH", one, status: 404)
            try check(try await client.json(.post, "/v1/images/search", [:]), "POST", "/v1/images/search", status: 400)
        }
    }

    @Test func ofTheServersState() async throws {
        try await Service().run { client in
            try check(try await client.get("/healthz"), "GET", "/healthz", status: 200)
            try check(try await client.get("/readyz"), "GET", "/readyz", status: 200)
        }
    }
}
