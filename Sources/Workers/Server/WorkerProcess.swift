import CSandbox
import Domain
import Foundation

/// One worker, as the server sees it. Belongs to one thread.
final class WorkerProcess {
    let report: WorkerReport
    let process: pid_t
    private let channel: Channel
    private let payload: SharedPayload
    private let configuration: WorkerConfiguration
    private var isReaped = false

    /// Seconds a worker may take to start: long, since many may start at once on a busy machine.
    private static let startLimit = 30.0
    /// Longest text taken over from a worker, whose words may be a picture's.
    private static let longestText = 300

    /// Starts a worker and waits until it is ready. The thread that does must outlive it: the worker ends with it.
    init(_ configuration: WorkerConfiguration) throws(SystemError) {
        self.configuration = configuration
        payload = try SharedPayload(size: configuration.payload)
        var ends: [Int32] = [-1, -1]
        guard imago_socket_pair(&ends) == 0 else { throw .last("socketpair") }
        channel = Channel(socket: ends[0])
        process = try Self.start(configuration, socket: ends[1])
        do throws(SystemError) {
            try channel.send(
                WorkerTerms(
                    limits: configuration.limits, memory: configuration.memory, payload: payload.size, parent: getpid()),
                descriptor: payload.descriptor)
            guard Self.wait(channel, seconds: Self.startLimit) else { throw SystemError("it does not get ready") }
            guard let report = try channel.receive(WorkerReport.self) else { throw SystemError("it ended at once") }
            if let failure = report.failure { throw SystemError(failure) }
            self.report = report
        } catch {
            Self.end(process)
            throw error
        }
    }

    deinit { if !isReaped { Self.end(process) } }

    /// Takes over the socket, which is the worker's from here on.
    private static func start(_ configuration: WorkerConfiguration, socket: Int32) throws(SystemError) -> pid_t {
        defer { close(socket) }
        // The one variable that decides whether a program finds its libraries at all.
        let libraries = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=" + String(cString: $0)] } ?? []
        let words = ["imago", "worker"] + (configuration.takesFaults ? ["--take-faults"] : [])
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = libraries.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        guard imago_start_worker(configuration.executable, &arguments, &environment, socket, &process) == 0 else {
            throw .last("posix_spawn")
        }
        return process
    }

    /// False when it ended while it had nothing to do.
    func isAlive() -> Bool {
        var ending = imago_ending()
        guard !isReaped, imago_reap(process, 0, &ending) == 0 else {
            isReaped = true
            return false
        }
        return true
    }

    /// Lets the worker read one image. After a casualty it must not be used again.
    func perform(_ work: Work) -> WorkOutcome {
        // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
        let file = open(work.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return .unavailable(SystemError.last("open").description) }
        defer { close(file) }
        // A second line, should the server itself not come to look at the clock. Several threads may work on a picture.
        _ = imago_grant_processor_time(process, UInt64(configuration.timeLimit * 4) + 1)
        do throws(SystemError) {
            try channel.send(DecodingRequest(task: work.task, isSecondTry: work.isSecondTry), descriptor: file)
            guard Self.wait(channel, seconds: configuration.timeLimit) else { return .casualty(.timedOut) }
            guard let answer = try channel.receive(DecodingAnswer.self) else { return .casualty(cause()) }
            return outcome(of: answer, to: work.task)
        } catch {
            return .casualty(cause(otherwise: error))
        }
    }

    /// Takes nothing that a worker says on trust: what a picture made of it may be saying it.
    private func outcome(of answer: DecodingAnswer, to task: DecodingRequest.Task) -> WorkOutcome {
        switch (answer, task) {
        case (.properties(let properties), .probe):
            let sides = 1...configuration.limits.maximumSide
            guard sides.contains(properties.width), sides.contains(properties.height),
                (1...configuration.limits.maximumFrames).contains(properties.frames),
                (0...configuration.limits.maximumBytes).contains(properties.sizeBytes)
            else { break }
            return .properties(properties)
        case (.payload(let bytes), .pixels(let preprocessing)):
            let count = 3 * preprocessing.size * preprocessing.size
            guard bytes == count * MemoryLayout<Float>.stride, bytes <= payload.size else { break }
            return .pixels(payload.copy(count, of: Float.self))
        case (.payload(let bytes), .rendition):
            guard (1...payload.size).contains(bytes) else { break }
            return .bytes(payload.copy(bytes, of: UInt8.self))
        case (.failure(let error), _):
            if error.code == .decoderOutOfMemory { return .casualty(.outOfMemory) }
            return .failed(
                ImageReadingError(
                    code: error.code, message: String(error.message.prefix(Self.longestText)),
                    detail: error.detail.map { String($0.prefix(Self.longestText)) }))
        default: break
        }
        return .casualty(.crashed("it gave an answer that can't be"))
    }

    /// Why the worker is gone.
    private func cause(otherwise error: SystemError? = nil) -> Casualty {
        var ending = imago_ending()
        // Its end of the connection closes a moment before it can be taken leave of.
        for _ in 0..<200 where !isReaped {
            isReaped = imago_reap(process, 0, &ending) == 1
            if !isReaped { usleep(1000) }
        }
        guard isReaped else { return .crashed(error?.description ?? "it closed the connection") }
        switch (ending.signal, ending.status) {
        // Nobody else kills workers but the kernel, to get memory.
        case (_, WorkerExit.outOfMemory), (SIGKILL, _): return .outOfMemory
        case (SIGXCPU, _): return .timedOut
        case (0, let status): return .crashed("it exited with status \(status)")
        case (let signal, _): return .crashed("signal \(signal), \(String(cString: strsignal(signal)))")
        }
    }

    private static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        var ending = imago_ending()
        _ = imago_reap(process, 1, &ending)
    }

    /// False when the time is over. Stands still while the machine sleeps.
    private static func wait(_ channel: Channel, seconds: Double) -> Bool {
        let end = SuspendingClock.now + .seconds(seconds)
        while true {
            let left = (end - SuspendingClock.now) / .milliseconds(1)
            guard left > 0 else { return false }
            // -1 is an interruption, or an error that receiving meets again.
            if imago_wait(channel.socket, Int32(min(left.rounded(.up), 1e6))) > 0 { return true }
        }
    }
}
