/// Why a statement has no result. The detail is for the log: it never holds a bound value, and never goes to a client.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// No connection could be had in time.
        case unreachable
        /// The connection broke before the work was committed: it is as if it had never begun.
        case connectionLost
        /// The connection broke while the work was being committed, and what became of it can't be found out.
        case outcomeUnknown
        case timedOut
        /// The caller's task was cancelled.
        case cancelled
        /// The pool is closed.
        case closed
        /// The server refused, with this SQLSTATE.
        case server(SQLState)
        /// A result of another shape than the statement promises.
        case unexpectedResult
    }

    public let kind: Kind
    public let detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public var description: String {
        if case .server(let state) = kind { "\(state.code): \(detail)" } else { detail }
    }

    /// The server's code where it refused.
    public var state: SQLState? { if case .server(let state) = kind { state } else { nil } }
}

/// A five-character code of the SQL standard or of PostgreSQL's (documentation, appendix A).
public struct SQLState: Sendable, Hashable {
    public let code: String
    public init(code: String) { self.code = code }

    public static let uniqueViolation = SQLState(code: "23505")
    public static let foreignKeyViolation = SQLState(code: "23503")
    public static let diskFull = SQLState(code: "53100")
    public static let queryCancelled = SQLState(code: "57014")
    public static let undefinedObject = SQLState(code: "42704")

    /// Two transactions were in each other's way; the whole of it may be tried again.
    var isConflict: Bool { ["40001", "40P01"].contains(code) }

    /// The session is of no use any more: the server stops, or it is no primary.
    var endsSession: Bool {
        ["57P01", "57P02", "57P03", "57P05", "25006", "25P03"].contains(code) || code.hasPrefix("08")
    }

    /// A kept statement is gone (another hand reset the session) or outgrown (a newer node changed the schema).
    var isStaleStatement: Bool { ["26000", "0A000"].contains(code) }
}
