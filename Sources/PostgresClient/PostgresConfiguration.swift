/// Where the server is and how patient to be with it.
public struct PostgresConfiguration: Sendable {
    /// What libpq takes: `postgres://user:password@host/database?sslmode=verify-full` with all its parameters, or
    /// `host=... dbname=...`. It may hold a password: it is never logged.
    public let address: String
    /// Shown by the server in `pg_stat_activity`.
    public var applicationName: String
    /// Connections at the most. They are opened as they are needed.
    public var connections: Int
    /// How long one statement may take, in seconds.
    public var statementTimeout: Double
    /// How long a call may wait for a connection, in seconds; an outage shorter than this is not noticed.
    public var waitTimeout: Double
    /// Settings of every session, for instance `hnsw.ef_search`. Names and values are ours, never a client's.
    public var sessionSettings: [String: String]

    public init(
        address: String, applicationName: String = "imago", connections: Int = 8, statementTimeout: Double = 30,
        waitTimeout: Double = 15, sessionSettings: [String: String] = [:]
    ) {
        precondition(connections > 0 && statementTimeout > 0 && waitTimeout > 0)
        self.address = address
        self.applicationName = applicationName
        self.connections = connections
        self.statementTimeout = statementTimeout
        self.waitTimeout = waitTimeout
        self.sessionSettings = sessionSettings
    }

    /// What libpq is given, in order: a later value of the same name holds, so the address overrules what comes before.
    var connectionParameters: [(name: String, value: String)] {
        [
            ("connect_timeout", "5"),
            ("keepalives", "1"), ("keepalives_idle", "20"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"),
            // After a failover the old primary may still answer, read-only.
            ("target_session_attrs", "read-write"),
            ("dbname", address),
            ("fallback_application_name", applicationName),
            ("client_encoding", "UTF8"),
        ]
    }

    /// The statements each new session begins with.
    var sessionSetup: String {
        let milliseconds = Int(statementTimeout * 1000)
        // A node that vanishes in the middle of a transaction must not hold its locks for long.
        let settings = [
            "statement_timeout": "\(milliseconds)", "idle_in_transaction_session_timeout": "\(milliseconds)",
            "client_min_messages": "warning",
        ].merging(sessionSettings) { _, own in own }
        return settings.sorted { $0.key < $1.key }
            .map { "SET \($0.key) = '\($0.value.replacing("'", with: "''"))';" }.joined()
    }
}
