/// How sure a search is, how wide it works, and when an account's codes are grouped.
public struct SearchConfiguration: Sendable, Hashable {
    /// Standard deviations between a code's estimate and its upper bound. The estimate's error is close to normal over
    /// the random rotation, so a vector that belongs in the result is lost with probability of at most Q(3.5) = 0.00024,
    /// and only if it is barely in it.
    public var codeConfidence: Float
    /// Standard deviations between a group's centroid and the bound that decides whether the group is visited: the knob
    /// between speed and certainty of a search in groups.
    public var groupConfidence: Float
    /// Vectors of one account from which its codes are grouped under centroids.
    public var groupingThreshold: Int
    /// Threads that scan for large searches.
    public var threads: Int
    /// Slots up to which a search runs where it was called: less than a millisecond's work.
    public var inlineSlots: Int
    /// Seed of the random rotation.
    public var seed: UInt64

    public init(
        codeConfidence: Float = 3.5, groupConfidence: Float = 8, groupingThreshold: Int = 100_000, threads: Int = 2,
        inlineSlots: Int = 50_000, seed: UInt64 = 0x1A6_2026
    ) {
        self.codeConfidence = codeConfidence
        self.groupConfidence = groupConfidence
        self.groupingThreshold = groupingThreshold
        self.threads = threads
        self.inlineSlots = inlineSlots
        self.seed = seed
    }
}
