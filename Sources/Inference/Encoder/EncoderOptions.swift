/// How a model is run.
public struct EncoderOptions: Sendable, Hashable {
    public enum Precision: String, Sendable, Hashable, CaseIterable {
        /// Where the processor computes `bf16` natively: that for texts, and for pictures whichever is measured to be faster.
        /// Elsewhere `f32`.
        case automatic
        case f32
        /// Half the bits of `f32` at the same range. Similarities differ from `f32`'s by some thousandths, which over
        /// thousands of queries finds as much (`StarterTests` has the figures).
        case bf16
    }

    public var precision: Precision
    /// Processor threads a graph may use; nil for as many as there are cores.
    public var threads: Int?
    /// Where the runtime keeps compiled graphs, for a faster start; nil for nowhere.
    public var cacheFolder: String?
    /// How many pictures are computed side by side. Nil for what is fastest: where there is a cache folder that is measured
    /// at the first load of a model, which takes a few seconds, and remembered; elsewhere it is one for each core.
    public var imageRequests: Int?

    public init(
        precision: Precision = .automatic, threads: Int? = nil, cacheFolder: String? = nil,
        imageRequests: Int? = nil
    ) {
        precondition(imageRequests ?? 1 > 0 && threads ?? 1 > 0)
        self.precision = precision
        self.threads = threads
        self.cacheFolder = cacheFolder
        self.imageRequests = imageRequests
    }
}
