import Domain
import NIOPosix

/// Reads images with libvips in this process, on threads of its own: decoding blocks, and must not hold up the
/// cooperative pool.
public final class VipsImageReader: ImageReading {
    public var limits: ImagingLimits { reader.limits }
    private let reader: PictureReader
    private let threads: NIOThreadPool

    /// Starts libvips and the threads.
    public init(limits: ImagingLimits = ImagingLimits()) throws(ImageReadingError) {
        reader = try PictureReader(limits: limits)
        threads = NIOThreadPool(numberOfThreads: limits.threads)
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    public func probe(path: String) async throws(ImageReadingError) -> ImageProperties {
        try await onThread { [reader] () throws(ImageReadingError) in try reader.probe(.path(path)) }
    }

    public func pixels(path: String, preprocessing: Preprocessing) async throws(ImageReadingError) -> PixelTensor {
        try await onThread { [reader] () throws(ImageReadingError) in try reader.pixels(.path(path), preprocessing) }
    }

    public func rendition(path: String, _ request: RenditionRequest) async throws(ImageReadingError) -> [UInt8] {
        try await onThread { [reader] () throws(ImageReadingError) in try reader.rendition(.path(path), request) }
    }

    private func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws(ImageReadingError) -> Value
    ) async throws(ImageReadingError) -> Value {
        do {
            return try await threads.runIfActive(work)
        } catch let error as ImageReadingError {
            throw error
        } catch {
            // Cancelled before it began, or shutting down.
            throw .unavailable("The image was not read.", detail: String(describing: error))
        }
    }
}
