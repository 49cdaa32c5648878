import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1

/// A plain client of the API for tests: what goes over the wire is written out here.
struct Client: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: [UInt8]
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    let url: String
    let key: String?

    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: HTTPClientRequest.Body? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : url + path)
        request.method = method
        if let key { request.headers.add(name: "X-Api-Key", value: key) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = body
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 28)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: Array(bytes.readableBytesView))
    }

    func get(_ path: String) async throws -> Answer { try await send(.GET, path) }

    func post(_ path: String, json: JSONValue) async throws -> Answer {
        try await send(
            .POST, path, headers: [("Content-Type", "application/json")],
            body: .bytes(ByteBuffer(bytes: json.jsonBytes)))
    }

    func upload(
        _ files: [(name: String, bytes: [UInt8])], metadata: JSONValue? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(
            .POST, "/v1/images/upload",
            headers: [("Content-Type", "multipart/form-data; boundary=\(Form.boundary)")] + headers,
            body: .bytes(ByteBuffer(bytes: Form.encode(files, metadata: metadata))))
    }

    /// Waits until an image is indexed or has failed.
    func settled(_ id: String) async throws -> JSONValue {
        for _ in 0..<600 {
            let image = try await get("/v1/images/\(id)").json
            if image["indexing_status"] != 1 { return image }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw NeverIndexed(id: id)
    }

    struct NeverIndexed: Error { let id: String }
}

enum Form {
    static let boundary = "----imago-test-boundary-7MA4YWxk"

    static func encode(_ files: [(name: String, bytes: [UInt8])], metadata: JSONValue? = nil) -> [UInt8] {
        var body: [UInt8] = []
        if let metadata {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n\(metadata.jsonText)\r\n"
                    .utf8)
        }
        for file in files {
            body += Array(
                """
                --\(boundary)\r\nContent-Disposition: form-data; name="images"; filename="\(file.name)"\r
                Content-Type: image/jpeg\r\n\r\n
                """.utf8)
            body += file.bytes + Array("\r\n".utf8)
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }
}
