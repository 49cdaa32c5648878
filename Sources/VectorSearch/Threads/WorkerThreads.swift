#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Threads of our own that run jobs in the order they come, so that long scans never hold the cooperative pool.
final class WorkerThreads: Sendable {
    let count: Int
    private let queue: JobQueue

    /// - Parameter isBackground: gives way to other threads where the system can.
    init(count: Int, isBackground: Bool = false) {
        self.count = Swift.max(1, count)
        queue = JobQueue(isBackground: isBackground)
        for _ in 0..<self.count { Self.start(queue) }
    }

    deinit { queue.close() }

    func submit(_ job: @escaping @Sendable () -> Void) { queue.push(job) }

    /// Runs a job on one of the threads.
    func run<Result: Sendable>(_ job: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in submit { continuation.resume(returning: job()) } }
    }

    fileprivate static func giveWay() {
        #if os(Linux)
            // Linux keeps a nice value for each thread, and zero means the one that calls.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #endif
    }

    /// Lets another thread have the processor.
    static func pause() { sched_yield() }

    private static func start(_ queue: JobQueue) {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let context = Unmanaged.passRetained(queue).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { context in
                #if canImport(Darwin)
                    let queue = Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue()
                #else
                    let queue = Unmanaged<JobQueue>.fromOpaque(context!).takeRetainedValue()
                #endif
                if queue.isBackground { WorkerThreads.giveWay() }
                while let job = queue.pop() { job() }
                return nil
            }, context)
        precondition(failure == 0, "no thread for vector search")
        #if canImport(Darwin)
            pthread_detach(thread!)
        #else
            pthread_detach(thread)
        #endif
    }
}

/// A queue threads wait at.
///
/// `@unchecked Sendable`: the mutex guards every access to the jobs.
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var next = 0
    private var isClosed = false
    let isBackground: Bool

    init(isBackground: Bool) {
        self.isBackground = isBackground
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
    }

    deinit {
        pthread_cond_destroy(filled)
        pthread_mutex_destroy(mutex)
        filled.deallocate()
        mutex.deallocate()
    }

    func push(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_cond_signal(filled)
        pthread_mutex_unlock(mutex)
    }

    /// The next job; nil when the queue is closed and empty.
    func pop() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while next == jobs.count {
            if isClosed { return nil }
            pthread_cond_wait(filled, mutex)
        }
        let job = jobs[next]
        next += 1
        if next == jobs.count || next > 1024 {
            jobs.removeFirst(next)
            next = 0
        }
        return job
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(filled)
        pthread_mutex_unlock(mutex)
    }
}
