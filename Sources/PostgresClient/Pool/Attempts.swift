/// Does a piece of work on a connection, over again where that is safe and may help.
struct Attempts {
    let connection: Connection
    let mode: WorkMode
    /// Seconds a statement may take; nil for the configured time.
    let timeout: Double?
    /// When it is too late to begin again on another connection.
    let deadline: ContinuousClock.Instant
    private var reconnecting = Backoff(first: 0.05, limit: 2)
    private var conflicting = Backoff(first: 0.01, limit: 0.5)
    private var conflicts = 0
    private var staleStatements = 0

    init(on connection: Connection, mode: WorkMode, timeout: Double?, deadline: ContinuousClock.Instant) {
        self.connection = connection
        self.mode = mode
        self.timeout = timeout
        self.deadline = deadline
    }

    /// How often conflicting transactions are tried.
    private static let maximumConflicts = 10

    mutating func run<Value>(_ body: (PostgresSession) throws -> Value) throws -> Value {
        while true {
            do {
                return try once(body)
            } catch let error as PostgresError {
                try prepareNextAttempt(after: error)
            }
        }
    }

    private mutating func once<Value>(_ body: (PostgresSession) throws -> Value) throws -> Value {
        guard !connection.isUnwanted() else { throw PostgresError(.cancelled, "no longer wanted") }
        try connection.open()
        defer { leaveTransaction() }
        let session = PostgresSession(connection, mode: mode, timeout: timeout)
        let value = try body(session)
        switch session.commit() {
        case .done: return value
        case .failed(let error): throw error
        case .unknown(let transaction, let error):
            connection.close()
            guard try isCommitted(transaction) else { throw error }
            return value
        }
    }

    /// No session goes back with a transaction open.
    private func leaveTransaction() {
        guard connection.isOpen, connection.isInTransaction else { return }
        do { try connection.run(script: "ROLLBACK") } catch { connection.close() }
    }

    /// Returns when the work may be tried again, or throws.
    private mutating func prepareNextAttempt(after error: PostgresError) throws {
        switch error.kind {
        case .unreachable, .connectionLost: break
        case .server(let state) where state.endsSession: connection.close()
        case .server(let state) where state.isStaleStatement && staleStatements < 2:
            staleStatements += 1
            connection.close()
            return
        case .server(let state) where state.isConflict && conflicts < Self.maximumConflicts:
            conflicts += 1
            pause(conflicting.next())
            return
        default: throw error
        }
        guard ContinuousClock.now < deadline else { throw error }
        pause(reconnecting.next())
    }

    /// Pauses; a ring of the doorbell cuts it short.
    private func pause(_ duration: Duration) {
        guard !connection.isUnwanted() else { return }
        _ = connection.doorbell.wait(timeout: duration)
    }

    /// What became of a transaction whose `COMMIT` went unanswered: the server remembers.
    private mutating func isCommitted(_ transaction: TransactionNumber) throws(PostgresError) -> Bool {
        while true {
            do throws(PostgresError) {
                try connection.open()
                let session = PostgresSession(connection, mode: .bare, timeout: nil)
                // A process that still waits for the lost connection would keep the answer open, and its locks.
                let answers = try session.run([
                    PostgresStatement(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE pid = $1 AND backend_xid = $2::text::xid8::xid
                        """, [.int32(transaction.processID), .text(transaction.text)]),
                    PostgresStatement("SELECT pg_xact_status($1::text::xid8)", [.text(transaction.text)]),
                ])
                switch try answers.last?.first?[0] as String? {
                case "committed": return true
                case "aborted": return false
                case "in progress": break
                default: throw PostgresError(.outcomeUnknown, "the server no longer knows what became of a commit")
                }
            } catch {
                guard error.kind != .outcomeUnknown else { throw error }
                if error.state?.endsSession == true { connection.close() }
            }
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.outcomeUnknown, "the connection broke during a commit")
            }
            pause(reconnecting.next())
        }
    }
}
