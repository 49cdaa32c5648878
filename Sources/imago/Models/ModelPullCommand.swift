import ArgumentParser
import Composition
import Domain
import Foundation
import ModelStore
import Synchronization

struct ModelPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch a model of the catalogue and install it.",
        discussion: """
            What arrives is compared with the checksum that the hub keeps of it, loaded and run once before it counts as \
            installed. A pull that was cut off goes on where it stopped. Without a connection it says what to fetch elsewhere; \
            --from installs that.
            """)

    @Argument(help: "A name that 'imago models list' shows.")
    var name: String

    @Flag(help: "Accept the model's licence, for models that ask for it.")
    var acceptLicense = false

    @Option(
        help: ArgumentHelp("Install from files in this folder instead of the hub.", valueName: "folder"),
        completion: .directory)
    var from: String?

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard let entry = Catalogue.entry(named: name) else {
            throw CommandFailure(
                "the catalogue has no model named \(printable(name))",
                hint: "'imago models list' shows those it has; 'imago models add' takes others.",
                status: ExitStatus.usage)
        }
        let store = Imago.modelStore(dataDirectory: try await folder.load().dataDirectory)
        let accepted = try consent(entry)
        let display = PullDisplay(terminal: output.json ? .none : .standardError)
        if let from {
            try await store.pull(
                entry, fromFolder: from, acceptsLicense: accepted, validate: { try await Imago.tryOut(model: $0) })
        } else {
            let hub = try HubAddress(environment: ProcessInfo.processInfo.environment)
            try await HubClient.with(hub) { client in
                try await store.pull(
                    entry, from: client, acceptsLicense: accepted,
                    validate: {
                        display.end()
                        try await Imago.tryOut(model: $0)
                    }, progress: { display.show($0) })
            }
        }
        let bytes = store.installed(name)?.bytes ?? 0
        if output.json {
            printJSON(["status": "success", "name": .string(name), "bytes": .number(JSONNumber(bytes))])
        } else {
            print("\(name) is installed, \(formatted(bytes: Double(bytes))). 'imago models use \(name)' chooses it.")
        }
    }

    /// Shows terms that need consent, and asks for it where somebody can answer.
    private func consent(_ entry: CatalogueEntry) throws -> Bool {
        guard entry.license.needsConsent, !acceptLicense else { return true }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1, !output.json else { return false }
        FileHandle.standardError.write(
            Data("\(entry.name) comes under the \(entry.license.name):\n\(entry.license.url)\n".utf8))
        guard confirm("Do you accept it?") else { throw CommandFailure("nothing was fetched") }
        return true
    }
}

/// A pull's progress on standard error: one line that redraws itself. Elsewhere than on a terminal there is none.
final class PullDisplay: Sendable {
    private struct State {
        var lastDrawn = -Double.infinity
        var isLineOpen = false
    }
    private let state = Mutex(State())
    private let terminal: Terminal
    /// Seconds between redraws.
    private static let interval = 0.1

    init(terminal: Terminal) { self.terminal = terminal }

    func show(_ progress: PullProgress) {
        guard terminal.isInteractive else { return }
        state.withLock { state in
            let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
            guard now - state.lastDrawn >= Self.interval || progress.bytes == progress.total else { return }
            state.lastDrawn = now
            state.isLineOpen = true
            write("\r\u{1B}[K\(Self.line(progress, width: terminal.width - 1))")
        }
    }

    func end() {
        state.withLock { state in
            if state.isLineOpen { write("\r\u{1B}[K") }
            state.isLineOpen = false
        }
    }

    static func line(_ progress: PullProgress, width: Int) -> String {
        var text = "\(progress.number)/\(progress.count) \(printable(progress.file))  "
        text += formatted(bytes: Double(progress.bytes))
        guard let total = progress.total, total > 0 else { return text.cut(to: width) }
        text += " of \(formatted(bytes: Double(total)))"
        let room = min(30, width - text.displayWidth - 1)
        guard room >= 8 else { return text.cut(to: width) }
        return "\(ProgressLine.bar(min(1, Double(progress.bytes) / Double(total)), width: room)) \(text)"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
