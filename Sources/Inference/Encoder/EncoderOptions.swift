#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a model is run.
public struct EncoderOptions: Sendable, Hashable {
    public enum Precision: String, Sendable, Hashable, CaseIterable {
        /// `bf16` where the processor computes it natively, else `f32`.
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
    /// How many pictures are computed side by side. One for each core is fastest.
    public var imageRequests: Int

    public init(
        precision: Precision = .automatic, threads: Int? = nil, cacheFolder: String? = nil,
        imageRequests: Int = EncoderOptions.defaultImageRequests
    ) {
        precondition(imageRequests > 0 && threads ?? 1 > 0)
        self.precision = precision
        self.threads = threads
        self.cacheFolder = cacheFolder
        self.imageRequests = imageRequests
    }

    /// One for each core, 2...8: each costs memory for a whole picture's intermediate results.
    public static var defaultImageRequests: Int { min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 2), 8) }
}
