import Domain
import PostgresClient

extension PostgresCatalog {
    private static let settingNamed = "SELECT value FROM setting WHERE name = $1"

    public func setting(_ name: String) async throws -> String? {
        try await read { session in try session.run(Self.settingNamed, [.stored(name)]).first?.text(0) }
    }

    public func setting(_ name: String, default value: String) async throws -> String {
        try await writeRepeatably { session in
            let answers = try session.run([
                PostgresStatement(
                    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                    [.stored(name), .stored(value)]),
                PostgresStatement(Self.settingNamed, [.stored(name)]),
            ])
            return try answers[1].first?.text(0) ?? value
        }
    }
}
