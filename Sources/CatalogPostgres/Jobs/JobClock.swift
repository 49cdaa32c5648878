import Domain
import PostgresClient

extension PostgresCatalog {
    /// The server's time in Unix seconds. Nodes' clocks may disagree; there is one server.
    static let serverTime = "extract(epoch FROM statement_timestamp())::float8"

    /// The caller's time to bind where it counts, NULL where the server's does.
    func bound(_ time: Timestamp) -> PostgresParameter { .double(jobClock == .caller ? time : nil) }

    /// A job is due when its caller says, but not later than now: a clock that runs ahead must not delay it. Infinity
    /// where the caller's time is the one that counts, NULL for the server's time.
    var latestDue: Double? { jobClock == .caller ? .infinity : nil }
}
