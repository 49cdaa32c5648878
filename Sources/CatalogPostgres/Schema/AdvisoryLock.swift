import PostgresClient

/// Locks for what one node does at a time, held until the transaction ends. The numbers mean nothing; every version of
/// Imago must keep to them.
enum AdvisoryLock: Int64 {
    case migrate = 0x696D_6167_6F00_0001
    case queueStranded = 0x696D_6167_6F00_0002
    /// Taken by triggers, to number changes of vectors in the order of their commits.
    case vectorChanges = 0x696D_6167_6F00_0003
    case vectorIndexes = 0x696D_6167_6F00_0004

    var statement: PostgresStatement { PostgresStatement("SELECT pg_advisory_xact_lock($1)", [.int64(rawValue)]) }
}
