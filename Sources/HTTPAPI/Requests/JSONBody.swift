import Domain
import HTTPTypes
import Hummingbird
import Multipart

/// Reading JSON that came from outside.
enum JSONBody {
    /// The object that is a request's body.
    /// - Throws: 413 over the limit, 415 for another content type, 400 for anything that is no JSON object.
    static func read(
        _ request: Request, _ context: APIContext, limit: Int, depth: Int
    ) async throws -> JSONFields {
        guard isJSON(request.headers[.contentType]) else { throw unsupported(accepting: "application/json") }
        let bytes = try await BoundedBody(request, context, limit: Int64(limit)).collect()
        return try JSONFields(object(bytes, depth: depth))
    }

    /// A body without a content type is taken for JSON.
    static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return true }
        guard let type = ParameterizedValue(parsing: contentType)?.value else { return false }
        return type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json")
    }

    static func unsupported(accepting types: String) -> APIError {
        APIError(
            .unsupportedMediaType, .validation, code: "unsupported_content_type",
            "the request's Content-Type is not one this route takes: \(types)")
    }

    private static func object(_ bytes: [UInt8], depth: Int) throws(APIError) -> JSONObject {
        guard !bytes.isEmpty else {
            throw .invalid("the request has no body; send a JSON object", code: "invalid_json")
        }
        guard let object = try parse(bytes, name: "the request's body", parameter: nil, depth: depth).object else {
            throw .invalid("the request's body must be a JSON object", code: "invalid_json")
        }
        return object
    }

    static func parse(
        _ bytes: [UInt8], name: String, parameter: String?, depth: Int
    ) throws(APIError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes, maximumDepth: depth)
        } catch {
            throw .invalid("\(name) is no valid JSON: \(error)", code: "invalid_json", parameter: parameter)
        }
    }
}

/// The members of a JSON object with their types checked. Null counts as not given.
struct JSONFields: Sendable {
    let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    subscript(name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    func string(_ name: String) throws(APIError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .invalid("\(name) must be a string", parameter: name) }
        return text
    }

    func bool(_ name: String) throws(APIError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let flag = value.bool else { throw .invalid("\(name) must be true or false", parameter: name) }
        return flag
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.number?.int, range.contains(number) else {
            throw .invalid(
                "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound)", parameter: name)
        }
        return number
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(APIError) -> Double? {
        guard let value = self[name] else { return nil }
        guard let number = value.number?.double, range.contains(number) else {
            throw .invalid(
                "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)", parameter: name)
        }
        return number
    }
}
