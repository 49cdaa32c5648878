import Domain
import PostgresClient

/// One step of the schema. Never edited once released: what must change becomes a step of its own.
///
/// During an upgrade nodes of the old version go on working on the new schema, so a step adds and does not take away.
/// Where one can't, it names the first version that can work with it, and older nodes refuse to start.
struct Migration: Sendable {
    /// 1, 2, 3, ...
    let number: Int
    /// For people, for instance `start`.
    let name: String
    /// The least number of steps a version must know to work with the schema after this one.
    let leastKnown: Int
    let sql: String

    static let all = [
        Migration(number: 1, name: "start", leastKnown: 1, sql: startSchema),
        Migration(number: 2, name: "vector-changes", leastKnown: 1, sql: vectorChangeSchema),
    ]
}

/// Brings the schema up to date, one transaction for all steps. Nodes that start at once don't collide: one after the
/// other looks, and the second finds nothing left to do.
/// - Throws: `CatalogError.newerSchema` when a step was applied that this version can't work with.
func migrate(_ pool: PostgresPool, to migrations: [Migration] = Migration.all) async throws {
    let known = migrations.map(\.number).max() ?? 0
    // A node that waits for another's migration waits as long as that takes.
    try await pool.write(timeout: PostgresCatalog.patience) { session in
        let version: Int = try session.run("SELECT current_setting('server_version_num')::int", isKept: false).single()
        guard version >= 140_000 else { throw CatalogError.unavailable("PostgreSQL is older than 14") }
        try session.run(AdvisoryLock.migrate.statement)
        // Without a look first, even nodes that may not create tables would have to.
        let hasTable: Bool = try session.run(
            "SELECT to_regclass('schema_migration') IS NOT NULL", isKept: false
        ).single()
        if !hasTable { try session.run(script: migrationTable) }
        let applied = try session.run("SELECT number, name, least_known FROM schema_migration ORDER BY number").map { row in
            (number: try row[0] as Int, name: try row[1] as String, leastKnown: try row[2] as Int)
        }
        if let foreign = applied.last(where: { $0.leastKnown > known }) {
            throw CatalogError.newerSchema("\(foreign.number)-\(foreign.name)")
        }
        let numbers = Set(applied.map(\.number))
        for migration in migrations where !numbers.contains(migration.number) {
            try session.run(script: migration.sql)
            try session.run(
                "INSERT INTO schema_migration (number, name, least_known) VALUES ($1, $2, $3)",
                [
                    .int32(Int32(migration.number)), .text(migration.name), .int32(Int32(migration.leastKnown)),
                ])
        }
    }
}

private let migrationTable = """
    CREATE TABLE schema_migration (
        number int NOT NULL PRIMARY KEY,
        name text NOT NULL,
        least_known int NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
    """
