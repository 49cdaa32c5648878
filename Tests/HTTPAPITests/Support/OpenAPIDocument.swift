import Domain
import HTTPTypes
import NIOCore
import Testing

@testable import HTTPAPI

/// The description of the API that the binary carries.
struct OpenAPIDocument {
    struct Operation {
        let method: String
        let path: String
        let object: JSONValue
        var id: String { object["operationId"]?.string ?? "" }
    }

    static let methods: Set = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    let root: JSONValue
    let checker: SchemaChecker
    var strictChecker: SchemaChecker { SchemaChecker(document: root, isStrict: true) }

    init() throws {
        let file = try #require(EmbeddedFiles.load().first { $0.name == "openapi.json" })
        root = try JSONValue(parsing: file.bytes.readableBytesView)
        checker = SchemaChecker(document: root)
    }

    var operations: [Operation] {
        (root["paths"]?.object?.members ?? []).flatMap { path, item in
            (item.object?.members ?? []).filter { Self.methods.contains($0.name) }
                .map { Operation(method: $0.name.uppercased(), path: path, object: $0.value) }
        }
    }

    /// A node, or what it refers to.
    func resolved(_ node: JSONValue?) -> JSONValue {
        guard let node else { return .null }
        guard let reference = node["$ref"]?.string else { return node }
        return resolved(checker.resolve(reference))
    }

    /// The schema of an answer in JSON; nil where the operation has none of that status.
    func answerSchema(_ method: String, _ path: String, _ status: Int) -> JSONValue? {
        let operation = operations.first { $0.method == method && $0.path == path }
        return resolved(operation?.object["responses"]?["\(status)"])["content"]?["application/json"]?["schema"]
    }

    /// Calls `body` with every object of the document and where it is.
    func walk(_ body: (_ object: JSONObject, _ place: String) -> Void) { Self.walk(root, "#", body) }

    private static func walk(_ node: JSONValue, _ place: String, _ body: (JSONObject, String) -> Void) {
        switch node {
        case .object(let object):
            body(object, place)
            for (name, value) in object.members { walk(value, "\(place)/\(name)", body) }
        case .array(let elements):
            for (position, element) in elements.enumerated() { walk(element, "\(place)/\(position)", body) }
        default: break
        }
    }
}
