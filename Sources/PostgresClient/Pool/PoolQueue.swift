import Synchronization

/// Who waits for whom: jobs for a free connection, and idle connections for a job.
final class PoolQueue: Sendable {
    private struct State {
        var waiting: [PoolJob] = []
        /// The one that was busy last is taken first: few connections stay warm, the rest are seldom opened.
        var idle: [PoolWorker] = []
        var workers = 0
        var isClosed = false
        var whenEmpty: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: PostgresConfiguration
    private let state = Mutex(State())

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    func submit(_ job: PoolJob) {
        let refusal = state.withLock { state -> PostgresError? in
            if state.isClosed { return PostgresError(.closed, "the connections are closed") }
            if job.isUnwanted { return PostgresError(.cancelled, "no longer wanted") }
            if let worker = state.idle.popLast() {
                hand(job, to: worker)
            } else {
                state.waiting.append(job)
                if state.workers < configuration.connections {
                    state.workers += 1
                    startWorker()
                }
            }
            return nil
        }
        if let refusal { job.fail(refusal) }
        failOverdue()
    }

    /// Takes back a job its caller no longer wants; where it runs, its statement is stopped.
    func cancel(_ job: PoolJob) {
        job.markUnwanted()
        let wasWaiting = state.withLock { state in
            guard let position = state.waiting.firstIndex(where: { $0 === job }) else { return false }
            state.waiting.remove(at: position)
            return true
        }
        if wasWaiting {
            job.fail(PostgresError(.cancelled, "no longer wanted"))
        } else {
            job.worker.withLock { $0 }?.doorbell.ring()
        }
    }

    /// Ends the workers when they have done what they are at. Jobs that wait fail.
    func close() {
        let (waiting, idle) = state.withLock { state in
            state.isClosed = true
            defer { (state.waiting, state.idle) = ([], []) }
            return (state.waiting, state.idle)
        }
        for job in waiting { job.fail(PostgresError(.closed, "the connections are closed")) }
        for worker in idle { worker.doorbell.ring() }
    }

    /// Returns when every worker has ended, after `close`.
    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.workers > 0 { state.whenEmpty.append(continuation) }
                return state.workers == 0
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// A job that waits longer than it may does not have to wait for a free connection to learn of it.
    private func failOverdue() {
        let now = ContinuousClock.now
        let overdue = state.withLock { state in
            guard let first = state.waiting.first, first.deadline < now else { return [PoolJob]() }
            defer { state.waiting.removeAll { $0.deadline < now } }
            return state.waiting.filter { $0.deadline < now }
        }
        for job in overdue { job.fail(PostgresError(.unreachable, "no connection was free in time")) }
    }

    private func hand(_ job: PoolJob, to worker: PoolWorker) {
        worker.inbox.withLock { $0 = job }
        worker.doorbell.ring()
    }

    private func startWorker() {
        OwnedThread.start { [self] in
            let worker = PoolWorker()
            let connection = Connection(configuration, doorbell: worker.doorbell)
            while let job = nextJob(for: worker, connection) {
                job.worker.withLock { $0 = worker }
                connection.isUnwanted = { job.isUnwanted }
                job.perform(connection)
                connection.isUnwanted = { false }
                failOverdue()
            }
            connection.close()
            let waiters = state.withLock { state in
                state.workers -= 1
                defer { if state.workers == 0 { state.whenEmpty = [] } }
                return state.workers == 0 ? state.whenEmpty : []
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    /// Waits for a job; nil when the pool is closed. A connection the server ends meanwhile is closed here too.
    private func nextJob(for worker: PoolWorker, _ connection: Connection) -> PoolJob? {
        let (job, isClosed) = state.withLock { state -> (PoolJob?, Bool) in
            if !state.waiting.isEmpty { return (state.waiting.removeFirst(), false) }
            if !state.isClosed { state.idle.append(worker) }
            return (nil, state.isClosed)
        }
        if job != nil || isClosed { return job }
        while true {
            let event = worker.doorbell.wait(socket: connection.socket, timeout: nil)
            if event.isReady { connection.takeIn() }
            if let job = worker.inbox.withLock({ inbox in defer { inbox = nil }; return inbox }) { return job }
            if state.withLock({ $0.isClosed }) { return nil }
        }
    }
}
