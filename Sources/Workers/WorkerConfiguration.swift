import Imaging

/// How images are decoded in processes of their own.
public struct WorkerConfiguration: Sendable, Hashable {
    /// The program, which must take `worker` as its argument. This program, unless told otherwise.
    public var executable = "/proc/self/exe"
    /// Processes that wait for work; each decodes one image at a time.
    public var processes: Int
    /// Bytes of memory one process may use.
    public var memory: UInt64
    /// Seconds one image may take.
    public var timeLimit: Double
    public var limits: ImagingLimits
    /// A process is replaced after so many images, so that what a library forgets to free does not add up.
    public var imagesPerProcess = 10_000
    /// Seconds until a process that could not be started is tried again, doubled each time up to the limit.
    public var firstPause = 0.1
    public var longestPause = 10.0
    /// For tests: files can order faults (`InjectedFault`).
    public var takesFaults = false

    public init(processes: Int, memory: UInt64? = nil, timeLimit: Double = 30, limits: ImagingLimits) {
        precondition(processes > 0 && timeLimit > 0)
        self.processes = processes
        self.memory = memory ?? Self.memory(for: limits)
        self.timeLimit = timeLimit
        self.limits = limits
    }

    /// Enough for the largest image that the limits let in: the file, 8 bytes a pixel (a progressive JPEG's coefficients,
    /// a HEIC's planes beside the picture made of them), and what a process needs anyway.
    public static func memory(for limits: ImagingLimits) -> UInt64 {
        (256 << 20) + UInt64(limits.maximumBytes) + 8 * UInt64(limits.maximumPixels)
    }

    /// Size of the memory shared with each process: the largest rendition in its largest form, uncompressed, or the
    /// largest input of a model.
    var payload: Int {
        max(4 * limits.maximumRenditionSide * limits.maximumRenditionSide + 65_536, 3 * 4 * 2048 * 2048)
    }
}
