import Domain
import HTTPTypes

/// An answer that is not the one asked for, as the client will see it.
struct APIError: Error {
    enum Kind: String {
        case validation = "validation_error"
        case authentication = "authentication_error"
        case notFound = "not_found_error"
        case conflict = "conflict_error"
        case rateLimit = "rate_limit_error"
        case server = "server_error"
    }

    let status: HTTPResponse.Status
    let kind: Kind
    let code: String
    /// One sentence. Never text of a library, a path or SQL.
    let message: String
    var parameter: String?
    var details: [JSONValue] = []
    var headers = HTTPFields()

    init(
        _ status: HTTPResponse.Status, _ kind: Kind, code: String, _ message: String, parameter: String? = nil,
        details: [JSONValue] = []
    ) {
        self.status = status
        self.kind = kind
        self.code = code
        self.message = message
        self.parameter = parameter
        self.details = details
    }

    /// 400.
    static func invalid(
        _ message: String, code: String = "invalid_parameter", parameter: String? = nil
    ) -> APIError {
        APIError(.badRequest, .validation, code: code, message, parameter: parameter)
    }

    /// 413; the message says which limit and its value.
    static func tooLarge(_ message: String, code: String = "limit_exceeded", parameter: String? = nil) -> APIError {
        APIError(.contentTooLarge, .validation, code: code, message, parameter: parameter)
    }

    /// 503, to be tried again after some seconds.
    static func unavailable(_ message: String, code: String = "unavailable", retryAfter seconds: Int = 5) -> APIError {
        var error = APIError(.serviceUnavailable, .server, code: code, message)
        error.headers[.retryAfter] = String(seconds)
        return error
    }

    static let noSuchImage = APIError(.notFound, .notFound, code: "image_not_found", "there is no such image")
    static let incompleteBody = APIError.invalid("the request's body ended early", code: "incomplete_body")

    func json(requestID: String) -> JSONValue {
        var error: JSONObject = [
            "type": .string(kind.rawValue), "code": .string(code), "message": .string(message),
        ]
        if let parameter { error["param"] = .string(parameter) }
        if !details.isEmpty { error["details"] = .array(details) }
        error["request_id"] = .string(requestID)
        return ["error": .object(error)]
    }
}
