import Synchronization

/// Connections to one database, each driven by a thread of its own, for work that comes from many tasks.
///
/// A piece of work is a closure that runs on one connection's thread from beginning to end, so that no transaction waits
/// for a task to be resumed. It must not block on anything but its session, and it may be run again where a connection
/// broke or transactions collided: what it does besides its statements should bear that.
public final class PostgresPool: Sendable {
    private let queue: PoolQueue
    public var configuration: PostgresConfiguration { queue.configuration }

    /// Opens nothing yet: connections are made when there is work for them.
    public init(_ configuration: PostgresConfiguration) { queue = PoolQueue(configuration) }

    deinit { queue.close() }

    /// Reads, each exchange on its own. A cancelled task stops the statement that runs.
    /// - Throws: `CancellationError`, `PostgresError`, or what `body` throws.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await submit(.bare, timeout: nil, isCancellable: true, body)
    }

    /// Reads from one state of the database, whatever is committed meanwhile.
    /// - Parameter timeout: seconds a statement may take; nil for the configured time.
    public func readSnapshot<Value: Sendable>(
        timeout: Double? = nil, _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await submit(.snapshot, timeout: timeout, isCancellable: true, body)
    }

    /// Writes that do no harm when they are done twice, each exchange all or nothing. Cancelling the caller's task does
    /// not take them back.
    public func writeRepeatably<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await submit(.bare, timeout: nil, isCancellable: false, body)
    }

    /// Writes, all or nothing, and once: a commit whose answer was lost is asked for. Cancelling the caller's task does
    /// not take it back.
    /// - Parameter timeout: seconds a statement may take; nil for the configured time.
    public func write<Value: Sendable>(
        timeout: Double? = nil, _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await submit(.transaction, timeout: timeout, isCancellable: false, body)
    }

    /// Ends all connections when they have done what they are at. What waits, and calls after this, fail with `closed`.
    public func close() async {
        queue.close()
        await queue.waitUntilEnded()
    }

    private func submit<Value: Sendable>(
        _ mode: WorkMode, timeout: Double?, isCancellable: Bool,
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(configuration.waitTimeout)
        let settlement = Settlement<Value>()
        let job = PoolJob(
            deadline: deadline,
            perform: { connection in
                var attempts = Attempts(on: connection, mode: mode, timeout: timeout, deadline: deadline)
                settlement.settle(Result { try attempts.run(body) })
            },
            fail: { settlement.settle(.failure($0)) })
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    settlement.begin(continuation)
                    queue.submit(job)
                }
            } onCancel: {
                if isCancellable { queue.cancel(job) }
            }
        } catch let error as PostgresError where error.kind == .cancelled {
            throw CancellationError()
        }
    }
}

/// Where a job's outcome goes: to the task that waits for it.
private final class Settlement<Value: Sendable>: Sendable {
    private let continuation = Mutex<CheckedContinuation<Value, any Error>?>(nil)

    func begin(_ new: CheckedContinuation<Value, any Error>) { continuation.withLock { $0 = new } }

    func settle(_ outcome: Result<Value, any Error>) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(with: outcome)
    }
}
