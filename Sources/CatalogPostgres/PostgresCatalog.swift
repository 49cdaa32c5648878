import Domain
import PostgresClient

/// The catalog in PostgreSQL 14 or newer, for many nodes at once.
///
/// Nodes share nothing but the database. What one commits the others see with their next call; jobs go to one node at a
/// time; changes of vectors are numbered in the order they were committed in, so that whoever follows them misses none.
public final class PostgresCatalog: Catalog {
    /// Whose time jobs and leases go by.
    public enum JobClock: Sendable {
        /// The server's, so that nodes whose clocks disagree agree on when a lease ends. Times that callers give count
        /// as distances from the time they give with them.
        case server
        /// The one callers give: for tests, which need no sleeping then.
        case caller
    }

    let pool: PostgresPool
    let maximumAttempts: Int
    let jobClock: JobClock
    let wakes: JobWakes?

    /// Opens the catalog, bringing the schema up to date where needed.
    /// - Parameters:
    ///   - maximumAttempts: how often a new indexing job is tried before its image counts as failed.
    ///   - wakes: what tells nodes of new jobs; nil where nobody needs to be told.
    /// - Throws: `newerSchema` when a newer version of Imago made the schema and this one can't work with it;
    ///   `unavailable`, `storeFull`.
    public init(
        _ configuration: PostgresConfiguration, maximumAttempts: Int = 5, jobClock: JobClock = .server,
        wakes: JobWakes? = nil
    ) async throws {
        precondition(maximumAttempts > 0)
        self.maximumAttempts = maximumAttempts
        self.jobClock = jobClock
        self.wakes = wakes
        pool = PostgresPool(configuration)
        do {
            try await CatalogError.mapping { [pool] in try await migrate(pool) }
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Closes the connections. Calls after it throw `unavailable`.
    public func close() async {
        wakes?.close()
        await pool.close()
    }

    public func check() async throws {
        _ = try await read { session in try session.run("SELECT 1") }
    }

    /// Reads; each exchange sees what is committed by then.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await CatalogError.mapping { try await pool.read(body) }
    }

    /// Reads from one state of the database.
    /// - Parameter timeout: seconds a statement may take; nil for the configured time.
    func readSnapshot<Value: Sendable>(
        timeout: Double? = nil, _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await CatalogError.mapping { try await pool.readSnapshot(timeout: timeout, body) }
    }

    /// Writes, once: durable when it returns, undone when it throws.
    func write<Value: Sendable>(
        timeout: Double? = nil, _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await CatalogError.mapping { try await pool.write(timeout: timeout, body) }
    }

    /// Writes that may be done twice without harm: durable when it returns. Each exchange is a transaction.
    func writeRepeatably<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await CatalogError.mapping { try await pool.writeRepeatably(body) }
    }

    /// Seconds that work over the whole catalog may take: checks and repairs, not requests.
    static let patience: Double = 3600
}
