import Domain
import GRDB

/// One step of the schema. Never edited once released: what must change becomes a step of its own.
struct Migration: Sendable {
    /// Number and name, for instance `0001-start`; the order of the list is the order of the steps.
    let name: String
    let sql: String

    static let all = [
        Migration(name: "0001-start", sql: startSchema),
        Migration(name: "0002-vector-changes", sql: vectorChangeSchema),
        Migration(name: "0003-text", sql: textSchema),
    ]
}

/// Brings the schema up to date, one transaction for all steps. Two processes that open a new file at once don't
/// collide: the second waits for the first and finds nothing left to do.
/// - Throws: `CatalogError.newerSchema` when a step was applied that this version doesn't know.
func migrate(_ database: Database, to migrations: [Migration] = Migration.all) throws {
    try database.inTransaction(.immediate) {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    name TEXT NOT NULL PRIMARY KEY,
                    applied_at REAL NOT NULL
                ) STRICT
                """)
        let applied = try Set(String.fetchAll(database, sql: "SELECT name FROM schema_migration"))
        if let unknown = applied.subtracting(migrations.map(\.name)).max() {
            throw CatalogError.newerSchema(unknown)
        }
        for migration in migrations where !applied.contains(migration.name) {
            try database.execute(sql: migration.sql)
            try database.execute(
                sql:
                    "INSERT INTO schema_migration (name, applied_at) VALUES (?, (julianday('now') - 2440587.5) * 86400)",
                arguments: [migration.name])
        }
        return .commit
    }
}
