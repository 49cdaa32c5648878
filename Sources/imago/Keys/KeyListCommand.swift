import ArgumentParser
import Composition
import Domain
import Foundation
import Library

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List API keys, oldest first.")

    @Option(help: "Only this account's.")
    var account: String?

    @OptionGroup var folder: DataFolderOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let keys = try await Imago.withKeyRing(dataDirectory: try await folder.load().dataDirectory) { [account] ring in
            try await ring.list(accountName: account)
        }
        let now = Date().timeIntervalSince1970
        if output.json {
            printJSON(["keys": .array(keys.map { $0.json(at: now) })])
        } else if keys.isEmpty {
            print("There are no keys. 'imago keys create --account NAME' makes one.")
        } else {
            Self.table(keys, at: now).lines(for: .standardOutput).forEach { print($0) }
        }
    }

    static func table(_ keys: [ListedKey], at now: Timestamp, zone: TimeZone = .current) -> Table {
        var table = Table([
            .init("id"), .init("account", isFlexible: true), .init("key"), .init("made"), .init("state"),
        ])
        for listed in keys {
            table.add([
                listed.key.id.description, listed.account.name, listed.key.prefix + "…",
                formatted(time: listed.key.createdAt, zone: zone), listed.state(at: now, zone: zone),
            ])
        }
        return table
    }
}

extension ListedKey {
    fileprivate func state(at now: Timestamp, zone: TimeZone) -> String {
        if let time = key.revokedAt { return "revoked \(formatted(time: time, zone: zone))" }
        guard let time = key.expiresAt else { return "valid" }
        return "\(time <= now ? "expired" : "valid until") \(formatted(time: time, zone: zone))"
    }

    func json(at now: Timestamp) -> JSONValue {
        [
            "id": .string(key.id.description), "account": .string(account.name), "prefix": .string(key.prefix),
            "created_at": .number(JSONNumber(key.createdAt)),
            "expires_at": key.expiresAt.map { .number(JSONNumber($0)) } ?? .null,
            "revoked_at": key.revokedAt.map { .number(JSONNumber($0)) } ?? .null,
            "valid": .bool(key.isValid(at: now)),
        ]
    }
}
