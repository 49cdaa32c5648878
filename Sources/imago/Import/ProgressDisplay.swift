import Foundation
import ImagoClient
import Synchronization

/// Shows an import's progress on standard error: a line that redraws itself on a terminal, now and then a plain line
/// elsewhere.
final class ProgressDisplay: Sendable {
    private struct State {
        var progress = ImportProgress()
        var meter = RateMeter()
        var lastDrawn = -Double.infinity
        var lastText = ""
        var isLineOpen = false
    }

    private let state = Mutex(State())
    private let terminal: Terminal
    private let now: @Sendable () -> Double
    private let write: @Sendable (String) -> Void

    /// Milliseconds between redraws.
    var interval: Int { terminal.isInteractive ? 100 : 1000 }
    /// Seconds between two plain lines.
    private static let plainInterval: Double = 10

    init(
        terminal: Terminal,
        now: @escaping @Sendable () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        self.terminal = terminal
        self.now = now
        self.write = write
    }

    func update(_ progress: ImportProgress) { state.withLock { $0.progress = progress } }

    /// Draws what was last told, if there is something new to show.
    func redraw() {
        state.withLock { state in
            let time = now()
            state.meter.note(bytes: state.progress.bytes, files: state.progress.files, at: time)
            guard terminal.isInteractive || time - state.lastDrawn >= Self.plainInterval else { return }
            let text = ProgressLine.text(
                state.progress, rate: state.meter.rate, width: terminal.isInteractive ? terminal.width - 1 : .max)
            guard text != state.lastText else { return }
            state.lastText = text
            state.lastDrawn = time
            if terminal.isInteractive {
                write("\r\u{1B}[K\(text)")
                state.isLineOpen = true
            } else {
                write(text + "\n")
            }
        }
    }

    /// Says something on a line of its own.
    func note(_ text: String) {
        state.withLock { state in
            write((state.isLineOpen ? "\r\u{1B}[K" : "") + text + "\n")
            state.isLineOpen = false
            state.lastText = ""
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            if state.isLineOpen { write("\r\u{1B}[K") }
            state.isLineOpen = false
        }
    }
}
