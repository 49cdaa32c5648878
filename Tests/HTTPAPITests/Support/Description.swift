import Domain
import HTTPTypes
import Testing

@testable import HTTPAPI

/// Holds every answer of these tests to the description of the API: its status, its headers and each member of its JSON.
struct Description: Sendable {
    static let shared = try! Description()

    private let document: OpenAPIDocument

    private init() throws { document = try OpenAPIDocument() }

    func check(_ answer: TestAPI.Answer, _ method: HTTPRequest.Method, _ uri: String) throws {
        let place: Comment = "\(method) \(uri): \(answer.status) \(answer.text.prefix(300))"
        #expect(answer[header: "X-Request-ID"] != nil && answer[header: "X-Content-Type-Options"] == "nosniff", place)
        let hasBody = method != .head && answer.status != 304
        if answer.status >= 400, hasBody {
            #expect(answer[header: "Content-Type"] == "application/json", place)
            #expect(answer.error["request_id"]?.string == answer[header: "X-Request-ID"], place)
            #expect(answer.error["message"]?.string?.isEmpty == false, place)
            #expect(answer.error["type"]?.string == Self.types[answer.status], place)
            expect(answer.json, ["$ref": "#/components/schemas/ErrorResponse"], place)
        }
        // No operation's: what a method or a path that does not exist is answered, and a page's address.
        guard let operation = operation(method, uri), answer.status != 405, answer.status != 308 else {
            #expect([200, 304, 308, 404, 405].contains(answer.status), place)
            return
        }
        let described = document.resolved(operation["responses"]?[String(answer.status)])
        guard described != .null else {
            Issue.record("a status that is not described: \(place)")
            return
        }
        for (name, _) in described["headers"]?.object?.members ?? [] where !Self.optional.contains(name.lowercased()) {
            #expect(answer[header: name] != nil, "no \(name) in \(place)")
        }
        guard hasBody, let content = described["content"]?.object, !content.isEmpty else { return }
        let type = (answer[header: "Content-Type"] ?? "").split(separator: ";").first.map(String.init) ?? ""
        guard let media = content[type] else {
            Issue.record("a content type that is not described, \(type): \(place)")
            return
        }
        if type == "application/json", let schema = media["schema"] { expect(answer.json, schema, place) }
    }

    private static let types = [
        400: "validation_error", 401: "authentication_error", 404: "not_found_error", 405: "validation_error",
        409: "conflict_error", 413: "validation_error", 415: "validation_error", 416: "validation_error",
        429: "rate_limit_error", 500: "server_error", 503: "server_error",
    ]
    /// Not in every answer of a status.
    private static let optional: Set = ["retry-after", "content-length", "accept-ranges"]

    private func operation(_ method: HTTPRequest.Method, _ uri: String) -> JSONValue? {
        let segments = uri.prefix { $0 != "?" }.split(separator: "/")
        let found = document.operations.filter { operation in
            let pattern = operation.path.split(separator: "/")
            return operation.method == method.rawValue && pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        // A path without parameters before one with.
        let best = found.first { !$0.path.contains("{") } ?? found.first
        return best?.object ?? (method == .head ? operation(.get, uri) : nil)
    }

    private func expect(_ value: JSONValue, _ schema: JSONValue, _ place: Comment) {
        for problem in document.strictChecker.problems(value, schema) { Issue.record("\(problem) in \(place)") }
    }
}
