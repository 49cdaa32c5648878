import Domain
import Foundation
import HTTPTypes
import Testing

@testable import HTTPAPI

/// The description of the API, `openapi.json`, which every answer of these tests is held to: its status, its headers, and
/// each member of its JSON.
struct Description: Sendable {
    static let shared = try! Description()

    let document: JSONValue
    private let paths: [(segments: [Substring], operations: JSONValue)]

    private init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/HTTPAPI/Resources/openapi.json").standardized
        document = try JSONValue(parsing: Array(try Data(contentsOf: file)))
        paths = (document["paths"]?.object?.members ?? []).map { ($0.name.split(separator: "/"), $0.value) }
    }

    /// Method and path of every operation, as `GET /v1/images`.
    var operations: Set<String> {
        var all: Set<String> = []
        for (path, methods) in document["paths"]?.object?.members ?? [] {
            for name in methods.object?.names ?? []
            where ["get", "head", "post", "patch", "delete", "put"].contains(name) {
                all.insert("\(name.uppercased()) \(path)")
            }
        }
        return all
    }

    func check(_ answer: TestAPI.Answer, _ method: HTTPRequest.Method, _ uri: String) throws {
        let place: Comment = "\(method) \(uri): \(answer.status) \(answer.text.prefix(300))"
        #expect(answer[header: "X-Request-ID"] != nil && answer[header: "X-Content-Type-Options"] == "nosniff", place)
        let hasBody = method != .head && answer.status != 304
        if answer.status >= 400, hasBody {
            #expect(answer[header: "Content-Type"] == "application/json", place)
            #expect(answer.error["request_id"]?.string == answer[header: "X-Request-ID"], place)
            expect(answer.json, ["$ref": "#/components/schemas/ErrorResponse"], place)
            #expect(answer.error["type"]?.string == Self.types[answer.status], place)
        }
        guard let operation = operation(method, uri) else {
            #expect([200, 304, 308, 404, 405].contains(answer.status), place)
            return
        }
        guard var described = operation["responses"]?[String(answer.status)] else {
            Issue.record("a status that is not described: \(place)")
            return
        }
        described = resolved(described)
        for (name, _) in described["headers"]?.object?.members ?? [] where !Self.optional.contains(name.lowercased()) {
            #expect(answer[header: name] != nil, "no \(name) in \(place)")
        }
        guard hasBody, let content = described["content"]?.object, !content.isEmpty else { return }
        let type = (answer[header: "Content-Type"] ?? "").split(separator: ";").first.map(String.init) ?? ""
        guard let schema = content[type] else {
            Issue.record("a content type that is not described, \(type): \(place)")
            return
        }
        if type == "application/json", let schema = schema["schema"] { expect(answer.json, schema, place) }
    }

    private static let types = [
        400: "validation_error", 401: "authentication_error", 404: "not_found_error", 405: "validation_error",
        409: "conflict_error", 413: "validation_error", 415: "validation_error", 416: "validation_error",
        429: "rate_limit_error", 500: "server_error", 503: "server_error",
    ]
    /// Not in every answer of a status.
    private static let optional: Set = ["retry-after", "content-length", "accept-ranges", "www-authenticate"]

    private func operation(_ method: HTTPRequest.Method, _ uri: String) -> JSONValue? {
        let segments = uri.prefix { $0 != "?" }.split(separator: "/")
        // A path without parameters before one with.
        let found = paths.filter { path in
            path.segments.count == segments.count
                && zip(path.segments, segments).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        let exact = found.first { $0.segments == segments } ?? found.first
        let name = method.rawValue.lowercased()
        return exact?.operations[name] ?? (name == "head" ? exact?.operations["get"] : nil)
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] ?? .null }
    }

    private func expect(_ value: JSONValue, _ schema: JSONValue, _ place: Comment) {
        for fault in faults(value, schema, "$") { Issue.record("\(fault) in \(place)") }
    }

    /// Where a value is not what a schema says (JSON Schema 2020-12, as far as the description uses it). A member that the
    /// schema does not name is a fault as well, unless it allows others.
    private func faults(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        let schema = resolved(schema)
        var faults: [String] = []
        if let choices = schema["oneOf"]?.array ?? schema["anyOf"]?.array {
            let attempts = choices.map { self.faults(value, $0, path) }
            if !attempts.contains(where: \.isEmpty) { faults += attempts.flatMap { $0 } }
        }
        if let types = schema["type"].map({ $0.array ?? [$0] }),
            !types.contains(where: { Self.isType(value, $0.string) })
        {
            faults.append("\(path) is no \(types.compactMap(\.string))")
        }
        if let constant = schema["const"], constant != value { faults.append("\(path) is not \(constant.jsonText)") }
        if let choices = schema["enum"]?.array, !choices.contains(value) {
            faults.append("\(path) is none of the enum")
        }
        if let number = value.number?.double {
            if let least = schema["minimum"]?.number?.double, number < least { faults.append("\(path) < \(least)") }
            if let most = schema["maximum"]?.number?.double, number > most { faults.append("\(path) > \(most)") }
        }
        if let pattern = schema["pattern"]?.string, let text = value.string, let regex = try? Regex(pattern),
            text.firstMatch(of: regex) == nil
        {
            faults.append("\(path) does not match \(pattern)")
        }
        if let items = schema["items"], let elements = value.array {
            for (position, element) in elements.enumerated() {
                faults += self.faults(element, items, "\(path)[\(position)]")
            }
        }
        if let object = value.object {
            for name in schema["required"]?.array ?? [] where object[name.string ?? ""] == nil {
                faults.append("\(path) has no \(name.string ?? "")")
            }
            if let properties = schema["properties"]?.object {
                for (name, member) in object.members {
                    if let property = properties[name] {
                        faults += self.faults(member, property, "\(path).\(name)")
                    } else if schema["additionalProperties"] == nil {
                        faults.append("\(path).\(name) is not described")
                    }
                }
            }
        }
        return faults
    }

    private static func isType(_ value: JSONValue, _ type: String?) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("number", .number), ("boolean", .bool),
            ("null", .null):
            true
        case ("integer", .number(let number)): number.int != nil
        default: false
        }
    }
}
