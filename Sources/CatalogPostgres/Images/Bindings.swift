import Domain
import PostgresClient

/// The values of a statement that is put together from pieces: every value and every name from outside is bound, none
/// is text.
struct Bindings {
    private(set) var parameters: [PostgresParameter] = []

    /// Binds a value and returns its place in the statement.
    mutating func bind(_ parameter: PostgresParameter) -> String {
        parameters.append(parameter)
        return "$\(parameters.count)"
    }
}
