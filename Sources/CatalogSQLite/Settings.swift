import Domain
import GRDB

extension SQLiteCatalog {
    public func setting(_ name: String) async throws -> String? {
        try await read { database in
            try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
        }
    }

    public func setting(_ name: String, default value: String) async throws -> String {
        try await write { database in
            try database.run(
                "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", [name, value])
            return try String.fetchOne(
                database, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) ?? value
        }
    }
}
