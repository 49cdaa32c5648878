import Domain
import GRDB

extension CatalogError {
    init(_ error: DatabaseError) {
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .storeFull
            // GRDB leaves bound values out of this text, so no client's data gets into the log by it.
            default: .unavailable(error.description)
            }
    }

    init(any error: any Error) {
        self =
            switch error {
            case let error as CatalogError: error
            case let error as DatabaseError: Self(error)
            default: .unavailable("\(error)")
            }
    }

    /// Runs `body` and turns what it throws into a catalog error.
    static func mapping<Value>(_ body: () throws -> Value) throws(CatalogError) -> Value {
        do {
            return try body()
        } catch {
            throw CatalogError(any: error)
        }
    }
}
