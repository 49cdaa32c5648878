import Domain
import GRDB

/// The catalog in one SQLite file: write-ahead log, every commit synced to the device, foreign keys enforced.
///
/// Other processes may open the same file at the same time (`imago keys create` beside a running server): what they
/// commit is seen by the next call here. Writes that overlap share a commit (see `WriteQueue`).
public final class SQLiteCatalog: Catalog {
    let pool: DatabasePool
    let writes: WriteQueue
    let maximumAttempts: Int

    /// Opens the catalog, making the file (mode 0600) and bringing its schema up to date where needed.
    /// Blocks while it does; call it at start.
    /// - Parameters:
    ///   - path: the database file. Its folder must exist.
    ///   - maximumAttempts: how often a new indexing job is tried before its image counts as failed.
    ///   - readers: connections for reading, which run beside the one that writes.
    /// - Throws: `newerSchema` when a newer version of Imago wrote the file; `unavailable`, `storeFull`.
    public init(path: String, maximumAttempts: Int = 5, readers: Int = 8) throws(CatalogError) {
        precondition(maximumAttempts > 0 && readers > 0)
        self.maximumAttempts = maximumAttempts
        pool = try CatalogError.mapping { () throws in
            try createPrivateFile(at: path)
            let pool = try DatabasePool(path: path, configuration: Self.configuration(readers: readers))
            try pool.writeWithoutTransaction { database in
                // GRDB settles for NORMAL in WAL mode, which may lose the last commits in a power cut.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try migrate(database)
                // Connects the full-text table now. Where SQLite 3.40 does so while another process' change of the schema makes
                // it prepare an insert anew, it finds no table at all.
                _ = try Int.fetchOne(database, sql: "SELECT rowid FROM image_text LIMIT 1")
            }
            return pool
        }
        writes = WriteQueue(pool: pool)
    }

    private static func configuration(readers: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -16384;
                    PRAGMA journal_size_limit = 67108864;
                    """)
        }
        return configuration
    }

    /// Closes the connections. Calls after it throw `unavailable`.
    public func close() throws(CatalogError) {
        try CatalogError.mapping { () throws in try pool.close() }
    }

    public func check() async throws {
        _ = try await read { database in try Int.fetchOne(database, sql: "SELECT 1") }
    }

    /// Runs a read on a snapshot of its own.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw CatalogError(error)
        }
    }

    /// Runs a write: durable when it returns, undone when it throws.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await writes.perform(body)
    }
}
