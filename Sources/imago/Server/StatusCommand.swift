import ArgumentParser
import Composition
import Domain
import ImagoClient

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show whether the server is ready and what the account holds.",
        discussion: "Exits with 69 when the server does not run or is not ready.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await connection.withClient { client in
            let state = try await client.serverState()
            var counts: [(status: IndexingStatus, count: Int)]?
            if client.configuration.apiKey != nil { counts = try await client.imageCounts() }
            if output.json {
                printJSON(Self.json(state, counts, address: client.configuration.address))
            } else {
                Self.lines(state, counts, address: client.configuration.address).forEach { print($0) }
            }
            if !state.isReady { throw ExitCode(ExitStatus.unavailable) }
        }
    }

    static func lines(
        _ state: ServerState, _ counts: [(status: IndexingStatus, count: Int)]?, address: ServerAddress
    ) -> [String] {
        var lines = ["server   \(address)" + (state.version.map { ", version \(printable($0))" } ?? "")]
        lines.append("ready    " + (state.isReady ? "yes" : "no: \(printable(state.message ?? "starting"))"))
        if let counts {
            let total = counts.reduce(0) { $0 + $1.count }
            lines.append("images   \(total)")
            for (status, count) in counts where count > 0 { lines.append("         \(count) \(status.words)") }
        } else {
            lines.append("images   unknown: IMAGO_API_KEY is not set")
        }
        return lines
    }

    static func json(
        _ state: ServerState, _ counts: [(status: IndexingStatus, count: Int)]?, address: ServerAddress
    ) -> JSONValue {
        var images = JSONObject()
        for (status, count) in counts ?? [] { images[status.identifier] = .number(JSONNumber(count)) }
        return [
            "url": .string(address.text), "ready": .bool(state.isReady),
            "version": state.version.map { .string($0) } ?? .null,
            "readiness": state.readiness ?? .null, "images": counts == nil ? .null : .object(images),
        ]
    }
}
