import CSandbox
import Domain
import Foundation
import Imaging

/// The life of a process that only decodes: takes its terms, shuts itself in, and works until the server goes away.
public enum DecodingWorker {
    /// Where the socket is.
    private static let socket: Int32 = 3
    private static let mostDescriptors: UInt64 = 32
    /// How much lower its priority is: requests and queries come first.
    private static let steps: Int32 = 5
    /// What a larger payload used is given back before the next one.
    private static let keptPayload = 4 << 20

    /// - Parameter takesFaults: files can ask for faults, see `InjectedFault`. For tests alone.
    public static func run(takesFaults: Bool) -> Never {
        do throws(SystemError) {
            try work(takesFaults: takesFaults)
            exit(0)
        } catch {
            exit(1)
        }
    }

    private static func work(takesFaults: Bool) throws(SystemError) {
        let channel = Channel(socket: socket)
        var memory: Int32 = -1
        guard let terms = try channel.receive(WorkerTerms.self, descriptor: &memory) else { return }
        let (reader, payload): (PictureReader, SharedPayload)
        var report = WorkerReport()
        do {
            (reader, payload) = try prepare(terms, memory)
        } catch {
            report.failure = "\(error)"
            return try channel.send(report)
        }
        if imago_seal() != 0 { report.sealFailure = SystemError.last("seccomp").description }
        report.reach = Reach.tried
        try channel.send(report)

        var written = 0
        while true {
            var file: Int32 = -1
            guard let request = try channel.receive(DecodingRequest.self, descriptor: &file) else { return }
            defer { if file >= 0 { close(file) } }
            if written > keptPayload { payload.clear() }
            if takesFaults { InjectedFault.happen(to: request, file: file, channel: channel) }
            let answer = answer(to: request, file: file, reader: reader, payload: payload)
            if case .payload(let bytes) = answer { written = bytes }
            try channel.send(answer)
        }
    }

    /// Everything that needs the system's good will, then the limits.
    private static func prepare(
        _ terms: WorkerTerms, _ memory: Int32
    ) throws -> (PictureReader, SharedPayload) {
        guard imago_follow_parent(terms.parent) == 0 else { throw SystemError.last("prctl") }
        imago_return_freed_memory()
        let payload = try SharedPayload(receiving: memory, size: terms.payload)
        let reader = try PictureReader(limits: terms.limits)
        try reader.warmUp()
        VipsRuntime.exitWhenOutOfMemory(status: WorkerExit.outOfMemory)
        guard imago_exit_when_out_of_memory(terms.memory / 8, WorkerExit.outOfMemory) == 0 else {
            throw SystemError.last("sigaction")
        }
        imago_yield(steps)
        guard imago_limit_resources(terms.memory, mostDescriptors) == 0 else { throw SystemError.last("setrlimit") }
        guard imago_drop_privileges() == 0 else { throw SystemError.last("prctl") }
        return (reader, payload)
    }

    private static func answer(
        to request: DecodingRequest, file: Int32, reader: PictureReader, payload: SharedPayload
    ) -> DecodingAnswer {
        do throws(ImageReadingError) {
            let written: Int?
            switch request.task {
            case .probe: return .properties(try reader.probe(.descriptor(file)))
            case .pixels(let preprocessing):
                written = payload.write(try reader.pixels(.descriptor(file), preprocessing).values)
            case .rendition(let rendition):
                written = payload.write(try reader.rendition(.descriptor(file), rendition))
            }
            guard let written else {
                throw ImageReadingError(
                    code: .unavailable, message: "The image's rendition is too large to be handed over.")
            }
            return .payload(bytes: written)
        } catch {
            return .failure(error)
        }
    }
}

/// Exit statuses of a worker that mean something to the server.
enum WorkerExit {
    static let outOfMemory: Int32 = 86
}
