import ArgumentParser
import Composition
import Domain
import ImagoClient

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version of this command, and the server's if it runs.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let server = try await connection.withClient(adjust: {
            $0.retry = .none
            $0.connectTimeout = 1
            $0.readTimeout = 2
        }) { try? await $0.serverState().version }
        if output.json {
            printJSON(["version": .string(Imago.version), "server": server.map { .string($0) } ?? .null])
        } else {
            print("imago \(Imago.version)")
            if let server { print("server \(printable(server)) at \(try connection.configuration().address)") }
        }
    }
}
