import Domain

/// What the imaging module takes on: bounds checked before a pixel is decoded, and how many files it reads at once.
public struct ImagingLimits: Sendable, Hashable, Codable {
    /// Largest file, in bytes.
    public var maximumBytes: Int64
    /// Most pixels in one frame (width x height). A decode needs at most some 8 bytes a pixel and thread.
    public var maximumPixels: Int
    /// Most frames or pages. Only the first one is ever decoded, so their pixels don't add up.
    public var maximumFrames: Int
    /// Longest side, in pixels.
    public var maximumSide: Int
    /// Longest side of a rendition, in pixels.
    public var maximumRenditionSide: Int
    /// Threads that decode and encode; each works on one picture at a time.
    public var threads: Int
    /// Formats taken; others are refused as unsupported.
    public var formats: Set<ImageFormat>

    public init(
        maximumBytes: Int64 = 64 << 20, maximumPixels: Int = 100_000_000, maximumFrames: Int = 1_000,
        maximumSide: Int = 65_500, maximumRenditionSide: Int = 4_096, threads: Int = 2,
        formats: Set<ImageFormat> = Set(ImageFormat.allCases)
    ) {
        precondition(maximumBytes > 0 && maximumPixels > 0 && maximumFrames > 0 && maximumSide > 0)
        precondition(maximumRenditionSide > 0 && threads > 0)
        self.maximumBytes = maximumBytes
        self.maximumPixels = maximumPixels
        self.maximumFrames = maximumFrames
        self.maximumSide = maximumSide
        self.maximumRenditionSide = maximumRenditionSide
        self.threads = threads
        self.formats = formats
    }

    func check(bytes: Int64) throws(ImageReadingError) {
        guard bytes <= maximumBytes else { throw .over("file", bytes, "bytes", limit: maximumBytes) }
    }

    func check(width: Int, height: Int, frames: Int = 1) throws(ImageReadingError) {
        guard width > 0, height > 0 else { throw .corrupt("The image has no pixels.") }
        guard max(width, height) <= maximumSide else {
            throw .over("image's longest side", max(width, height), "pixels", limit: maximumSide)
        }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maximumPixels else {
            throw .over("image", overflow ? Int.max : pixels, "pixels (\(width)x\(height))", limit: maximumPixels)
        }
        guard frames <= maximumFrames else { throw .over("image", frames, "frames", limit: maximumFrames) }
    }
}
