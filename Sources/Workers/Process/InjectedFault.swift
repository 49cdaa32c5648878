import CSandbox
import Foundation

/// Faults that a test orders by a text at a file's end: `imago-fault:KIND:STAGE.`, where the stage is that of the request
/// (`probe`, `pixels`, `rendition`) or `any`, or the same with `first-` before it for the first try alone.
///
/// Only a worker started for tests looks for them.
enum InjectedFault: String, CaseIterable {
    /// Writes where nothing is.
    case crash
    /// Ends the process by the C library's abort, as a failed assertion does.
    case abort
    /// Sleeps for ever.
    case hang
    /// Computes for ever.
    case spin
    /// Takes memory until there is none.
    case memory
    /// Asks GLib for more than there is.
    case glib
    /// Answers nonsense.
    case babble
    /// Closes the connection and lives on.
    case mute
    /// Answers with what the worker can reach, its open descriptors and the names in its environment.
    case escape

    private static let mark = "imago-fault:"
    private static let searched = 64

    static func happen(to request: DecodingRequest, file: Int32, channel: Channel) {
        var bytes = [UInt8](repeating: 0, count: searched)
        var status = stat()
        guard fstat(file, &status) == 0 else { return }
        let count = pread(file, &bytes, searched, max(0, status.st_size - off_t(searched)))
        guard count > 0, let start = String(decoding: bytes[..<count], as: UTF8.self).range(of: mark) else { return }
        let text = String(decoding: bytes[..<count], as: UTF8.self)[start.upperBound...]
        let words = text.prefix { $0 == ":" || $0 == "-" || $0.isASCII && $0.isLetter }.split(separator: ":")
        guard words.count == 2, let fault = InjectedFault(rawValue: String(words[0])) else { return }
        let isFirstOnly = words[1].hasPrefix("first-")
        let stage = isFirstOnly ? words[1].dropFirst(6) : words[1]
        guard stage == "any" || stage == request.task.name, !(isFirstOnly && request.isSecondTry) else { return }
        fault.happen(channel)
    }

    private func happen(_ channel: Channel) {
        switch self {
        case .crash: UnsafeMutablePointer<UInt8>(bitPattern: 8)!.pointee = 1
        case .abort: Foundation.abort()
        case .hang: while true { sleep(1000) }
        case .spin:
            var number: UInt64 = 1
            while number != 0 { number = (number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407) | 1 }
        case .memory:
            while let memory = malloc(16 << 20) { memset(memory, 1, 16 << 20) }
            // As a library that does not look at what it got.
            UnsafeMutablePointer<UInt8>(bitPattern: 8)!.pointee = 1
        case .glib:
            typealias Allocate = @convention(c) (Int) -> UnsafeMutableRawPointer?
            _ = dlsym(nil, "g_malloc").map { unsafeBitCast($0, to: Allocate.self)(1 << 46) }
        case .babble:
            let nonsense = [UInt8](repeating: 0xFF, count: 100)
            _ = imago_send(channel.socket, nonsense, nonsense.count, -1)
        case .mute:
            close(channel.socket)
            while true { sleep(1000) }
        case .escape:
            // libvips sets one variable itself, when it starts.
            let names = ProcessInfo.processInfo.environment.keys.filter { $0 != "VIPSHOME" }.sorted()
            let text = "\(Reach.tried) \(Reach.descriptors) \(names)"
            try? channel.send(DecodingAnswer.failure(.init(code: .corrupt, message: text)))
        }
    }
}

extension DecodingRequest.Task {
    fileprivate var name: String {
        switch self {
        case .probe: "probe"
        case .pixels: "pixels"
        case .rendition: "rendition"
        }
    }
}
