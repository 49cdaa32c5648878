/// When a failed request is tried again, and after how long.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request may fail on the way (no connection, a cut one, a 5xx) before the failure is final.
    public var maximumFailures: Int
    /// Whether "no connection" counts as such a failure; otherwise it is final at once.
    public var retriesUnreachable: Bool
    /// Seconds a request may wait in all because the server asked for it (429, 503).
    public var patience: Double
    /// Seconds before the second try; doubled each time, up to `longestDelay`.
    public var firstDelay: Double
    public var longestDelay: Double

    public init(
        maximumFailures: Int, retriesUnreachable: Bool, patience: Double, firstDelay: Double = 0.25,
        longestDelay: Double = 30
    ) {
        self.maximumFailures = maximumFailures
        self.retriesUnreachable = retriesUnreachable
        self.patience = patience
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// Someone waits for the answer.
    public static let interactive = RetryPolicy(maximumFailures: 3, retriesUnreachable: false, patience: 10)
    /// The first failure is the last.
    public static let none = RetryPolicy(maximumFailures: 1, retriesUnreachable: false, patience: 0)
    /// Hours of work that should outlive a restart of the server.
    public static let persistent = RetryPolicy(maximumFailures: 9, retriesUnreachable: true, patience: 1800)

    /// What one request has been through.
    struct History: Sendable, Hashable {
        var failures = 0
        var waits = 0
        var waited = 0.0
    }

    /// Seconds until the next try; nil when the error is final.
    /// - Parameter random: in 0..<1; spreads clients that failed together ("full jitter" on the upper half).
    func delay(after error: ClientError, history: inout History, random: Double) -> Double? {
        guard error.isTransient, retriesUnreachable || error.kind != .unreachable else { return nil }
        let step: Int
        if error.asksToWait {
            history.waits += 1
            step = history.waits
        } else {
            history.failures += 1
            // A fault of the server's own (500) is as likely the request's doing: it soon counts as the answer.
            let limit = error.kind == .serverFault ? min(maximumFailures, 3) : maximumFailures
            guard history.failures < limit else { return nil }
            step = history.failures
        }
        var ceiling = firstDelay
        for _ in 1..<step where ceiling < longestDelay { ceiling *= 2 }
        var delay = min(ceiling, longestDelay) * (0.5 + random / 2)
        if error.asksToWait {
            // A server that names its time is believed, within reason; a little is added so that not all come at once.
            if let asked = error.retryAfter { delay = max(0, min(asked, 300)) + delay * 0.1 }
            guard history.waited + delay <= patience else { return nil }
            history.waited += delay
        }
        return delay
    }
}
