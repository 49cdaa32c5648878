import NIOPosix

/// Threads of our own for calls that block, so that the cooperative pool never waits for them.
final class WorkerThreads: Sendable {
    private let pool: NIOThreadPool

    init(count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    /// Runs a body on one of the threads, first come, first served.
    /// - Throws: `CancellationError` when the task was cancelled before the body began, or what the body throws.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        return try await pool.runIfActive(body)
    }
}
