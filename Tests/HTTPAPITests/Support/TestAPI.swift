import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Library
import Logging
import NIOCore
import LibraryTesting
import Testing

@testable import HTTPAPI

/// The whole HTTP interface on real stores, answering in this process.
struct TestAPI: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
        /// The error object, or null.
        var error: JSONValue { json["error"] ?? .null }
        var results: [JSONValue] { json["results"]?.array ?? [] }
        var ids: [String] { results.map { $0["image_id"]?.string ?? "" } }
        subscript(header name: String) -> String? { headers[HTTPField.Name(name)!] }
    }

    let library: TestLibrary
    let clock: SetClock
    let metrics: HTTPMetrics
    let key: String
    let keyRing: KeyRing
    let services: HTTPAPIServices
    private let respond: @Sendable (String, HTTPRequest.Method, HTTPFields, ByteBuffer?) async throws -> TestResponse

    init(
        limits: HTTPLimits = HTTPLimits(), rateLimits: RateLimits = RateLimits(), publicURL: String? = nil,
        library: TestLibrary? = nil, readiness: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        self.library = if let library { library } else { try await TestLibrary() }
        clock = self.library.clock
        metrics = HTTPMetrics()
        keyRing = KeyRing(catalog: self.library.catalog, identifiers: self.library.identifiers, clock: clock)
        key = try await keyRing.create(accountName: "mine").text
        services = HTTPAPIServices(
            library: self.library.library, keyRing: keyRing,
            signer: ContentSigner(secret: "secret", lifetime: 86_400, clock: clock), clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: metrics, readiness: readiness)
        let application = buildApplication(
            services: services,
            configuration: HTTPAPIConfiguration(publicURL: publicURL, limits: limits, rateLimits: rateLimits),
            host: "127.0.0.1", port: 0)
        respond = { uri, method, headers, body in
            try await application.test(.router) { client in
                try await client.execute(uri: uri, method: method, headers: headers, body: body)
            }
        }
    }

    /// Sends a request with the account's key, and holds the answer to the description of the API.
    /// - Parameter key: nil for none; by default the account's own.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, headers: [(String, String)] = [], key: String?? = .none,
        body: [UInt8]? = nil
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let key = key ?? self.key { fields[.apiKey] = key }
        for (name, value) in headers { fields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
        let response = try await respond(uri, method, fields, body.map { ByteBuffer(bytes: $0) })
        let answer = Answer(
            status: response.status.code, headers: response.headers, body: Array(response.body.readableBytesView))
        try Description.shared.check(answer, method, uri)
        return answer
    }

    func get(_ uri: String, headers: [(String, String)] = [], key: String?? = .none) async throws -> Answer {
        try await send(.get, uri, headers: headers, key: key)
    }

    func send(_ method: HTTPRequest.Method, _ uri: String, json: JSONValue) async throws -> Answer {
        try await send(method, uri, headers: [("Content-Type", "application/json")], body: json.jsonBytes)
    }

    func search(_ json: JSONValue) async throws -> Answer { try await send(.post, "/v1/images/search", json: json) }

    func upload(
        _ form: Form, query: String = "", headers: [(String, String)] = [], key: String?? = .none
    ) async throws -> Answer {
        try await send(
            .post, "/v1/images/upload" + query, headers: [("Content-Type", form.contentType)] + headers, key: key,
            body: form.bytes)
    }

    /// Uploads one picture that must be taken, and returns its id.
    func stored(_ bytes: [UInt8] = Pictures.red, name: String? = "a.png", metadata: JSONValue? = nil) async throws
        -> String
    {
        var form = Form()
        if let metadata { form.field("metadata", metadata.jsonText) }
        form.file(bytes, name: name)
        let answer = try await upload(form)
        return try #require(answer.ids.first, "\(answer.text)")
    }

    func total() async throws -> Int { try await get("/v1/images").json["total"]?.number?.int ?? -1 }
}

/// Small pictures of one colour, each file's bytes its own.
enum Pictures {
    static func plain(_ colour: [UInt8], _ number: Int = 0, width: Int = 4, height: Int = 3) -> [UInt8] {
        Handmade.png(
            Picture(plain: colour, width: width, height: height),
            extra: Handmade.chunk("tEXt", Array("n\0\(number)".utf8)))
    }
    static let red = plain([230, 0, 0])
    static let green = plain([0, 220, 0])
    static let blue = plain([0, 0, 210])
    static let text = Array("this is no image".utf8)
}
