import Synchronization

/// A piece of work on its way through the pool. It is settled once: by the worker that performs it, or by whoever takes
/// it out of the queue.
final class PoolJob: Sendable {
    /// When it is too late to begin.
    let deadline: ContinuousClock.Instant
    let perform: @Sendable (Connection) -> Void
    let fail: @Sendable (PostgresError) -> Void
    private let unwanted = Atomic(false)
    /// Who performs it.
    let worker = Mutex<PoolWorker?>(nil)

    init(
        deadline: ContinuousClock.Instant, perform: @escaping @Sendable (Connection) -> Void,
        fail: @escaping @Sendable (PostgresError) -> Void
    ) {
        self.deadline = deadline
        self.perform = perform
        self.fail = fail
    }

    var isUnwanted: Bool { unwanted.load(ordering: .acquiring) }
    func markUnwanted() { unwanted.store(true, ordering: .releasing) }
}

/// A thread with its connection, as the pool sees it.
final class PoolWorker: Sendable {
    let doorbell = Doorbell()
    /// A job handed over while the worker was idle.
    let inbox = Mutex<PoolJob?>(nil)
}
