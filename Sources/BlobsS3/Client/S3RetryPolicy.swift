/// When a failed request is sent again, and after how long.
public struct S3RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most.
    public var attempts: Int
    /// Upper bound of the first wait, in seconds; doubled each time, up to `longestDelay`.
    public var firstDelay: Double
    public var longestDelay: Double
    /// Seconds a request may wait in all. A store that asks for more gets its failure passed on.
    public var patience: Double

    public init(
        attempts: Int = 6, firstDelay: Double = 0.1, longestDelay: Double = 10, patience: Double = 60
    ) {
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.patience = patience
    }

    /// For readiness: someone asks again soon.
    static let brief = S3RetryPolicy(attempts: 2, firstDelay: 0.1, longestDelay: 0.1, patience: 1)

    /// What one request has been through.
    struct History: Sendable, Hashable {
        var failures = 0
        var waited = 0.0
    }

    /// Seconds until the next try; nil when the failure is final.
    ///
    /// Anything between nothing and the bound ("full jitter"), so that clients that failed together don't come back
    /// together. A time that the store names is waited for in any case.
    /// - Parameter random: in 0..<1.
    func delay(after failure: S3Failure, history: inout History, random: Double) -> Double? {
        guard failure.isTransient else { return nil }
        history.failures += 1
        guard history.failures < attempts else { return nil }
        var bound = firstDelay
        for _ in 1..<history.failures where bound < longestDelay { bound *= 2 }
        let delay = max(0, failure.retryAfter ?? 0) + min(bound, longestDelay) * random
        guard history.waited + delay <= patience else { return nil }
        history.waited += delay
        return delay
    }
}
