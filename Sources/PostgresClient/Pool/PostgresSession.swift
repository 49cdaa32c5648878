import CPostgres

/// A connection for the time of one piece of work, on the thread that drives it.
public final class PostgresSession {
    private let connection: Connection
    private let statementTimeout: Double
    /// What goes ahead of the first statement, in the same exchange.
    private var prefix: [PostgresStatement] = []
    private var isWriting = false
    /// The transaction's number, by which its fate can be asked for.
    private var transaction: TransactionNumber?

    /// How much longer than the server's own timeout an answer is waited for, for the network's sake.
    private static let grace = 2.0

    init(_ connection: Connection, mode: WorkMode, timeout: Double?) {
        self.connection = connection
        statementTimeout = timeout ?? connection.configuration.statementTimeout
        isWriting = mode == .transaction
        prefix = mode.beginning
        guard !prefix.isEmpty else { return }
        if let timeout { prefix.append(PostgresStatement("SET LOCAL statement_timeout = \(Int(timeout * 1000))", isKept: false)) }
        if isWriting { prefix.append(PostgresStatement("SELECT pg_current_xact_id()::text")) }
    }

    /// Runs one statement.
    @discardableResult
    public func run(_ statement: PostgresStatement) throws(PostgresError) -> PostgresRows {
        let answers = try run([statement])
        guard let answer = answers.last else { throw PostgresError(.unexpectedResult, "a statement has no answer") }
        return answer
    }

    @discardableResult
    public func run(
        _ sql: String, _ parameters: [PostgresParameter] = [], isKept: Bool = true
    ) throws(PostgresError) -> PostgresRows {
        try run(PostgresStatement(sql, parameters, isKept: isKept))
    }

    /// Runs several statements in one exchange with the server: where one fails, those after it are not run.
    public func run(_ statements: [PostgresStatement]) throws(PostgresError) -> [PostgresRows] {
        guard !connection.isUnwanted() else { throw PostgresError(.cancelled, "no longer wanted") }
        let ahead = prefix
        prefix = []
        let answers = try connection.run(ahead + statements, until: .now + .seconds(statementTimeout + Self.grace))
        if isWriting, !ahead.isEmpty {
            transaction = TransactionNumber(
                text: try answers[ahead.count - 1][0][0], processID: connection.processID)
        }
        return Array(answers.dropFirst(ahead.count))
    }

    /// Runs statements of ours as they stand, without values.
    /// - Parameter timeout: seconds until the connection is given up.
    public func run(script: String, timeout: Double? = nil) throws(PostgresError) {
        if !prefix.isEmpty { _ = try run([]) }
        try connection.run(script: script, until: .now + .seconds((timeout ?? statementTimeout) + Self.grace))
    }

    /// Ends the transaction, where one has begun.
    func commit() -> Ending {
        guard prefix.isEmpty, connection.isInTransaction else { return .done }
        // From here on nobody's change of mind counts.
        connection.isUnwanted = { false }
        do {
            let answer = try connection.run(
                [PostgresStatement("COMMIT")], until: .now + .seconds(statementTimeout + Self.grace))
            guard answer.last?.command == "COMMIT" else {
                return .failed(PostgresError(.unexpectedResult, "the server rolled a transaction back"))
            }
            return .done
        } catch {
            guard let transaction, !connection.isOpen || error.state?.endsSession == true else { return .failed(error) }
            return .unknown(transaction, error)
        }
    }
}

/// How a transaction ended.
enum Ending {
    case done
    case failed(PostgresError)
    /// The connection broke after `COMMIT` was sent and before its answer came.
    case unknown(TransactionNumber, PostgresError)
}

/// A transaction's number (`xid8`) and the server's process that ran it.
struct TransactionNumber: Sendable, Hashable {
    let text: String
    let processID: Int32
}
