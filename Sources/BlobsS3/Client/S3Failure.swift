import Domain

/// Why a request had no good answer: what went wrong on the way, or what the store said.
struct S3Failure: Error, Sendable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        case answer(status: Int)
        /// No connection could be made.
        case unreachable
        case timedOut
        /// The connection broke before the answer was whole.
        case connectionLost
        /// An answer that is not what the API promises.
        case malformedAnswer
    }

    let kind: Kind
    /// The store's own, for instance `NoSuchKey`; empty where it gave none.
    var code = ""
    var message: String
    /// The API's name of the request.
    var request = ""
    /// By which the store's log can be searched.
    var requestID: String?
    /// Seconds after which the store asks to be tried again.
    var retryAfter: Double?
    /// The store's clock.
    var serverTime: Timestamp?

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// For the log.
    var description: String {
        var text = request.isEmpty ? "" : "\(request): "
        if let status { text += "\(status) " }
        if !code.isEmpty { text += "\(code) " }
        text += message
        if let requestID { text += " (request \(requestID))" }
        return text
    }

    var status: Int? { if case .answer(let status) = kind { status } else { nil } }

    /// The store says that there is no such object, and means it.
    var isMissingKey: Bool { status == 404 && code == "NoSuchKey" }

    private static let transientCodes: Set<String> = [
        "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout", "InternalError",
        "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict",
        // What arrived is not what was sent.
        "BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
    ]

    /// The same request may well succeed a little later.
    var isTransient: Bool {
        guard let status else { return true }
        if Self.transientCodes.contains(code) { return true }
        return status == 408 || status == 429 || (status >= 500 && ![501, 505, 507].contains(status))
    }

    /// The store may have refused the credentials rather than the request. An answer to HEAD has no code.
    var mayBeCredentials: Bool {
        guard let status, [400, 401, 403].contains(status) else { return false }
        return ["", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"].contains(code)
    }

    private static let fullCodes: Set<String> = ["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"]

    /// For the blob store's callers.
    func blobError(_ hash: ContentHash?) -> BlobError {
        if let hash, isMissingKey { return .notFound(hash) }
        if status == 507 || Self.fullCodes.contains(code) { return .storeFull }
        return .unavailable("the S3 store failed: \(self)")
    }
}
