/// Growing pauses with chance in them, so that many who failed together don't come back together.
struct Backoff {
    private var longest: Double
    private let limit: Double

    /// - Parameters: in seconds.
    init(first: Double, limit: Double) {
        longest = first
        self.limit = limit
    }

    mutating func next() -> Duration {
        defer { longest = min(limit, longest * 2) }
        return .seconds(Double.random(in: longest / 2...longest))
    }
}
