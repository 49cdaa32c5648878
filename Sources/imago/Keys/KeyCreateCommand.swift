import ArgumentParser
import Composition
import Domain
import Foundation

struct KeyCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make an API key and print it.",
        discussion: "Prints only the key: export IMAGO_API_KEY=$(imago keys create --account me)")

    @Option(help: "Whose images the key gives access to. The account is made if there is none of that name.")
    var account: String

    @Option(help: "How long the key works: 30d, 12h, 90m, 2w. It works until revoked if this is not given.")
    var expiresIn: Lifetime?

    @OptionGroup var folder: DataFolderOptions

    func run() async throws {
        let expiry = expiresIn.map { Date().timeIntervalSince1970 + $0.seconds }
        let key = try await Imago.withKeyRing(dataDirectory: try await folder.load().dataDirectory) { [account] ring in
            try await ring.create(accountName: account, expiresAt: expiry).text
        }
        print(key)
    }
}

/// A span of time as people write it: a number and `s`, `m`, `h`, `d` or `w`.
struct Lifetime: ExpressibleByArgument, Hashable {
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int(argument.dropLast()),
            count > 0, count <= 1_000_000
        else { return nil }
        seconds = Double(count) * unit
    }

    var defaultValueDescription: String { formatted(seconds: seconds) }
}
