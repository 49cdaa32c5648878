import ArgumentParser
import Composition
import Domain
import Foundation

struct KeyRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a key's validity, at once and for good.")

    @Argument(help: "The key's id, its first characters as 'imago keys list' shows them, or the whole key.")
    var key: String

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let revoked = try await Imago.withKeyRing(dataDirectory: try await folder.load().dataDirectory) { [key] ring in
            try await ring.revoke(idOrPrefix: key)
        }
        if output.json {
            printJSON(["status": "success", "id": .string(revoked.key.id.description)])
        } else {
            print("Revoked \(revoked.key.prefix)… of the account \(printable(revoked.account.name)).")
        }
    }
}
