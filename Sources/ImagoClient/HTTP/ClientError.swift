import Domain

/// Why a request had no good answer: what went wrong on the way, or what the server said.
public struct ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The configured address is no address.
        case badAddress
        /// No connection could be made.
        case unreachable
        /// The server took too long.
        case timedOut
        /// The connection broke before the answer was whole.
        case connectionLost
        /// 401 or 403: the key is missing, unknown, revoked or expired.
        case notPermitted
        /// 404.
        case notFound
        /// 409: an idempotency key was used with another request.
        case conflict
        /// 413: over one of the server's limits.
        case tooLarge
        /// 415: no image the server takes.
        case unsupported
        /// Any other 4xx: the request itself is at fault.
        case invalidRequest
        /// 429.
        case rateLimited
        /// 502, 503 or 504: not now.
        case unavailable
        /// Any other 5xx.
        case serverFault
        /// An answer that is not what the API promises.
        case malformedAnswer
        /// A file on this machine can't be read or written.
        case localFile
    }

    public let kind: Kind
    /// One sentence, from the server where it gave one.
    public let message: String
    /// The HTTP status, when there was an answer.
    public let status: Int?
    /// The API's code, for instance `invalid_parameter`.
    public let code: String?
    /// The parameter at fault.
    public let parameter: String?
    public let details: [JSONValue]
    /// The server's id of the request, by which its log can be searched.
    public let requestID: String?
    /// Seconds after which the server asks to be tried again.
    public let retryAfter: Double?

    public init(
        _ kind: Kind, _ message: String, status: Int? = nil, code: String? = nil, parameter: String? = nil,
        details: [JSONValue] = [], requestID: String? = nil, retryAfter: Double? = nil
    ) {
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code
        self.parameter = parameter
        self.details = details
        self.requestID = requestID
        self.retryAfter = retryAfter
    }

    public var description: String { message }

    /// The server is there but asks to come back later.
    var asksToWait: Bool { kind == .rateLimited || kind == .unavailable }

    /// The same request may well succeed a little later.
    var isTransient: Bool {
        switch kind {
        case .unreachable, .timedOut, .connectionLost, .rateLimited, .unavailable, .serverFault: true
        default: false
        }
    }
}

extension ClientError {
    /// Reads an error answer of the contract; one that is none (a proxy's page, say) keeps its status.
    init(status: Int, body: [UInt8], requestID: String?, retryAfter: Double?) {
        let error = (try? JSONValue(parsing: body))?["error"]
        self.init(
            Self.kind(of: status), error?["message"]?.string ?? "the server answered with status \(status)",
            status: status, code: error?["code"]?.string, parameter: error?["param"]?.string,
            details: error?["details"]?.array ?? [], requestID: error?["request_id"]?.string ?? requestID,
            retryAfter: retryAfter)
    }

    private static func kind(of status: Int) -> Kind {
        switch status {
        case 401, 403: .notPermitted
        case 404: .notFound
        case 409: .conflict
        case 413: .tooLarge
        case 415: .unsupported
        case 429: .rateLimited
        case 502, 503, 504: .unavailable
        case 500...: .serverFault
        case 400..<500: .invalidRequest
        default: .malformedAnswer
        }
    }
}
