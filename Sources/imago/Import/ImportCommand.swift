import ArgumentParser
import Domain
import Foundation
import ImagoClient
import UnixSignals

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Upload images and folders of images.",
        discussion: """
            Folders are walked to their ends; hidden files and what is no image are passed over. Images whose bytes (SHA-256) the \
            account has already are not sent again, whatever way they came, so an import that was cut off is made whole by \
            running it again. A busy server is waited for. ctrl-C stops after the requests under way, a second one at once.

              imago import ~/Pictures
              imago import shots/ --metadata '{"camera_id":"7"}' --wait

            Exits with 0 when everything is there, 1 when some files failed, 69 when the server went away, 130 when stopped.
            """)

    @Argument(help: "Files and folders.", completion: .file())
    var paths: [String]

    @Option(help: "Requests under way at once, 1 to 64.")
    var parallel = 4

    @Option(help: ArgumentHelp("A JSON object given to each image.", valueName: "json"))
    var metadata: String?

    @Flag(name: .customLong("no-index"), help: "Store only: searches won't find the images.")
    var noIndex = false

    @Flag(help: "Come back when the images are indexed, that is, when searches find them.")
    var wait = false

    @Flag(help: "Only say what would be uploaded.")
    var dryRun = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("Name files or folders.") }
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel must be 1 to 64.") }
        do {
            _ = try parsedMetadata()
        } catch { throw ValidationError("--metadata: \(error.message)") }
    }

    func parsedMetadata() throws(InvalidInput) -> JSONObject {
        guard let metadata else { return JSONObject() }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: metadata)
        } catch { throw InvalidInput(message: "no JSON: \(error)") }
        return try ImageMetadata.validate(value, at: "metadata")
    }

    func run() async throws {
        let stop = StopSignal()
        let state = try openState()
        let options = ImportOptions(
            parallel: parallel, metadata: try parsedMetadata(), index: !noIndex, wait: wait, dryRun: dryRun)
        let display = ProgressDisplay(terminal: .standardError)
        let report = try await connection.withClient(
            connections: parallel + 1,
            adjust: {
                $0.retry = .persistent
                $0.sleep = { try await stop.sleep($0) }
            }
        ) { client in
            // The first question fails fast: a server that was never there is not waited for.
            try await connection.withClient { _ = try await $0.images(ListRequest(limit: 1)) }
            let importer = Importer(client: client, state: state, options: options, stop: stop) {
                display.update($0)
            }
            return try await Self.untilStopped(stop, display) { try await importer.run(paths) }
        }
        display.end()
        if output.json {
            printJSON(ImportSummary.json(report))
        } else {
            ImportSummary.lines(report, terminal: .standardOutput).forEach { print($0) }
        }
        if let error = report.givenUp { throw CommandFailure(error) }
        if report.isStopped { throw ExitCode(ExitStatus.interrupted) }
        if !report.isComplete { throw ExitCode(ExitStatus.failed) }
    }

    /// What earlier imports learnt of this server and key. Kept apart for each, since a key is an account's.
    private func openState() throws -> ImportState {
        let configuration = try connection.configuration()
        return try ImportState(
            path: ImportState.path(
                address: configuration.address, apiKey: configuration.apiKey ?? "",
                environment: ProcessInfo.processInfo.environment))
    }

    /// Runs `body`, which the first ctrl-C asks to end in good order; the second ends the process.
    private static func untilStopped<Value: Sendable>(
        _ stop: StopSignal, _ display: ProgressDisplay, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: [.sigint, .sigterm])
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals {
                    if stop.isSet { Foundation.exit(ExitStatus.interrupted) }
                    stop.set()
                    display.note("stopping after the requests under way; ctrl-C again stops at once")
                }
                return nil
            }
            group.addTask {
                // The clock runs on while nothing happens, and the rate sinks.
                while true {
                    try await Task.sleep(for: .milliseconds(display.interval))
                    display.redraw()
                }
            }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
