import ArgumentParser
import Composition
import Foundation
import ImagoClient

/// Where the server is and who asks: common to all commands that talk HTTP.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server's address. (environment: IMAGO_URL; default: \(ServerAddress.standard))"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "A file with the API key, kept out of the list of processes. (environment: IMAGO_API_KEY, the key itself)",
            valueName: "file"),
        completion: .file())
    var apiKeyFile: String?

    /// - Throws: `CommandFailure` when the key's file can't be read, `ClientError` when the address is none.
    func configuration(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> ClientConfiguration {
        var configuration = ClientConfiguration(userAgent: "imago/\(Imago.version)")
        if let text = url ?? environment["IMAGO_URL"].nonEmpty { configuration.address = try ServerAddress(text) }
        configuration.apiKey = try apiKey(environment)
        return configuration
    }

    private func apiKey(_ environment: [String: String]) throws -> String? {
        var text = environment["IMAGO_API_KEY"].nonEmpty
        if let apiKeyFile {
            text = try? String(contentsOfFile: apiKeyFile, encoding: .utf8)
            guard text != nil else {
                throw CommandFailure("can't read the API key's file \(apiKeyFile)", status: ExitStatus.noPermission)
            }
        }
        guard let key = text?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
        // Anything else could not even be sent in a header.
        guard !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandFailure(
                "\(apiKeyFile ?? "IMAGO_API_KEY") does not hold an API key", status: ExitStatus.noPermission)
        }
        return key
    }

    /// Runs `body` with a client of that server.
    func withClient<Value>(
        connections: Int = 8, adjust: (inout ClientConfiguration) -> Void = { _ in },
        _ body: (ImagoClient) async throws -> Value
    ) async throws -> Value {
        var configuration = try configuration()
        adjust(&configuration)
        return try await ImagoClient.with(configuration, connections: connections, body)
    }
}

extension String? {
    /// A variable set to nothing counts as not set.
    var nonEmpty: String? { self.flatMap { $0.isEmpty ? nil : $0 } }
}

/// `--json`, common to all commands that print something.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, made for programs and stable.")
    var json = false
}
