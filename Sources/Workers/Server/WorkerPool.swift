import Domain
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// The processes that decode, and what keeps them going.
///
/// A thread of its own starts each worker, hands it one image at a time, watches the clock, and replaces it when it is
/// lost. The image it was lost over is tried once more, alone: in a new process made for it, one such image at a time,
/// while the others go on.
public final class WorkerPool: Service {
    private struct State {
        /// Workers that can take work, by process id.
        var ready: Set<Int32> = []
        var isSealed: Bool?
        /// Those who wait for the first to be ready.
        var waiting: [CheckedContinuation<Void, any Error>] = []
        var firstFailure: WorkerStartError?
    }

    private let configuration: WorkerConfiguration
    private let logger: Logger
    private let queue = WorkQueue()
    /// Images that cost a worker already.
    private let suspects = WorkQueue()
    private let threads = DispatchGroup()
    private let state = Mutex(State())

    /// Starts the threads; `started` tells when they have workers. They run until `stop`.
    public init(_ configuration: WorkerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        for number in 1...configuration.processes {
            runThread("imago-worker-\(number)") { [self] in keepWorker() }
        }
        runThread("imago-suspects") { [self] in trySuspects() }
    }

    /// Waits until images can be read.
    /// - Throws: `WorkerStartError` when a worker can't be started.
    public func started() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<Void, any Error>? = state.withLock { state in
                if !state.ready.isEmpty { return .success(()) }
                if let failure = state.firstFailure { return .failure(failure) }
                state.waiting.append(continuation)
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    /// For readiness.
    /// - Throws: `WorkerStartError` when no worker is there.
    public func check() throws {
        let failure = state.withLock {
            !$0.ready.isEmpty ? nil : $0.firstFailure ?? WorkerStartError("none is ready yet")
        }
        if let failure { throw failure }
    }

    /// Whether the kernel holds the workers to what they may do; nil before the first one is ready.
    public var isSealed: Bool? { state.withLock { $0.isSealed } }

    /// The processes that can take work.
    var processes: Set<Int32> { state.withLock { $0.ready } }

    /// Works until a graceful shutdown, then finishes what was asked for and ends the workers.
    public func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Takes no more work, finishes what there is, and ends the workers.
    public func stop() async {
        queue.close()
        suspects.close()
        await withCheckedContinuation { continuation in
            threads.notify(queue: .global()) { continuation.resume() }
        }
    }

    // MARK: Work

    func perform(_ task: DecodingRequest.Task, path: String) async -> WorkOutcome {
        let first = await submit(task, path, to: queue, isSecondTry: false)
        guard case .casualty(let casualty) = first else { return first }
        logger.notice("a decoder was lost over an image, which is tried once more", metadata: ["how": "\(casualty)"])
        return await submit(task, path, to: suspects, isSecondTry: true)
    }

    private func submit(
        _ task: DecodingRequest.Task, _ path: String, to queue: WorkQueue, isSecondTry: Bool
    ) async -> WorkOutcome {
        let urgency = Urgency.current
        return await withCheckedContinuation { continuation in
            let work = Work(task: task, path: path, isSecondTry: isSecondTry, urgency: urgency) {
                continuation.resume(returning: $0)
            }
            if !queue.push(work) { work.resume(.unavailable("the workers have been stopped")) }
        }
    }

    // MARK: Threads

    private func runThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            body()
            threads.leave()
        }
        thread.name = name
        thread.start()
    }

    private func keepWorker() {
        var pause = configuration.firstPause
        while !queue.isFinished {
            guard let worker = startWorker() else {
                if processes.isEmpty {
                    for work in queue.takeAll() { work.resume(.unavailable("no decoder can be started")) }
                }
                queue.pause(seconds: pause)
                pause = min(pause * 2, configuration.longestPause)
                continue
            }
            pause = configuration.firstPause
            use(worker)
            state.withLock { _ = $0.ready.remove(worker.process) }
        }
    }

    /// Hands out work until the worker is lost or used up, or the pool stops.
    private func use(_ worker: WorkerProcess) {
        for _ in 0..<configuration.imagesPerProcess {
            guard let work = queue.next() else { return }
            guard worker.isAlive() else { return queue.putBack(work) }
            let outcome = worker.perform(work)
            work.resume(outcome)
            if case .casualty = outcome { return }
        }
    }

    private func trySuspects() {
        while let work = suspects.next() {
            do throws(SystemError) {
                work.resume(try WorkerProcess(configuration).perform(work))
            } catch {
                work.resume(.unavailable("no decoder can be started: \(error)"))
            }
        }
    }

    private func startWorker() -> WorkerProcess? {
        do throws(SystemError) {
            let worker = try WorkerProcess(configuration)
            announce(worker)
            return worker
        } catch {
            logger.error("a decoder can't be started", metadata: ["error": "\(error)"])
            let failure = WorkerStartError(error.description)
            let waiting = state.withLock { state in
                state.firstFailure = failure
                defer { state.waiting = [] }
                return state.ready.isEmpty ? state.waiting : []
            }
            for continuation in waiting { continuation.resume(throwing: failure) }
            return nil
        }
    }

    private func announce(_ worker: WorkerProcess) {
        let report = worker.report
        let (isFirst, waiting) = state.withLock { state in
            defer {
                state.ready.insert(worker.process)
                state.isSealed = report.reach.isEmpty
                state.waiting = []
            }
            return (state.isSealed == nil, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        guard isFirst, !report.reach.isEmpty else { return }
        logger.warning(
            "decoders run without a seccomp filter: limits hold, but a hostile image that takes one over could reach further",
            metadata: [
                "reach": "\(report.reach.joined(separator: ", "))", "reason": "\(report.sealFailure ?? "unknown")",
            ])
    }
}

/// Why no worker can be started.
public struct WorkerStartError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}
