import CatalogSQLite
import Domain
import Library

/// What the `imago` binary does on this machine, as opposed to through the API.
public enum Imago {
    public static let version = "0.1.0"

    /// Gives `body` the keys of a data folder. Works beside a running server.
    /// - Throws: `StartError`, or what `body` throws.
    public static func withKeyRing<Result: Sendable>(
        dataDirectory: String, _ body: @Sendable (KeyRing) async throws -> Result
    ) async throws -> Result {
        let catalog = try openCatalog(DataDirectory(path: dataDirectory), maximumAttempts: 5)
        let clock = SystemClock()
        let result = try await body(
            KeyRing(catalog: catalog, identifiers: IdentifierGenerator(clock: clock), clock: clock))
        try catalog.close()
        return result
    }

    static func openCatalog(_ data: DataDirectory, maximumAttempts: Int) throws -> SQLiteCatalog {
        do {
            return try SQLiteCatalog(path: data.catalog, maximumAttempts: maximumAttempts)
        } catch .newerSchema(let name) {
            throw StartError("\(data.catalog) was written by a newer imago (schema \(name)); use that version")
        } catch .storeFull {
            throw StartError("no room is left on the device of \(data.path)")
        } catch {
            throw StartError("the catalog \(data.catalog) can't be opened: \(error)")
        }
    }
}
