/// How the pipeline works. The defaults suit any machine; `decoders` and `encoders` follow its cores.
public struct IndexingConfiguration: Sendable {
    /// Images decoded at once.
    public var decoders: Int
    /// Images embedded at once.
    public var encoders: Int
    /// Outcomes stored in one transaction, at the most.
    public var commitSize: Int
    /// Seconds a claim holds without renewal.
    public var lease: Double
    /// Seconds between looks at the job table when nobody says there is work.
    public var pollInterval: Double
    /// Seconds before the second try of a job; doubled for each one after.
    public var retryDelay: Double
    /// Longest delay between two tries, in seconds.
    public var maximumRetryDelay: Double

    public init(
        decoders: Int, encoders: Int, commitSize: Int = 64, lease: Double = 60, pollInterval: Double = 2,
        retryDelay: Double = 2, maximumRetryDelay: Double = 300
    ) {
        self.decoders = max(1, decoders)
        self.encoders = max(1, encoders)
        self.commitSize = max(1, commitSize)
        self.lease = lease
        self.pollInterval = pollInterval
        self.retryDelay = retryDelay
        self.maximumRetryDelay = maximumRetryDelay
    }
}
