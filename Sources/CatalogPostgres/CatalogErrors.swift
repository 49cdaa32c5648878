import Domain
import PostgresClient

extension CatalogError {
    init(_ error: PostgresError) {
        self =
            switch error.state {
            case .diskFull: .storeFull
            default: .unavailable(error.description)
            }
    }

    /// Runs `body` and turns what the database says into a catalog error.
    static func mapping<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw CatalogError(error)
        }
    }
}
