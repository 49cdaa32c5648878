/// How a piece of work stands to transactions, and so when it may be done over.
enum WorkMode: Sendable {
    /// Each exchange is a transaction of its own.
    case bare
    /// All statements see the same state of the database, and change nothing.
    case snapshot
    /// All or nothing.
    case transaction

    var beginning: [PostgresStatement] {
        switch self {
        case .bare: []
        case .snapshot: [PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")]
        case .transaction: [PostgresStatement("BEGIN")]
        }
    }
}
