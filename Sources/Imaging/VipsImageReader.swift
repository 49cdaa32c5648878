import Domain
import NIOPosix

/// Reads images with libvips, on threads of its own: decoding blocks, and must not hold up the cooperative pool.
public final class VipsImageReader: ImageReading {
    public let limits: ImagingLimits
    private let threads: NIOThreadPool

    /// Starts libvips and the threads.
    public init(limits: ImagingLimits = ImagingLimits()) throws(ImageReadingError) {
        try VipsRuntime.start()
        self.limits = limits
        threads = NIOThreadPool(numberOfThreads: limits.threads)
        threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    public func probe(path: String) async throws(ImageReadingError) -> ImageProperties {
        try await onThread { [limits] () throws(ImageReadingError) in
            let source = try PictureSource(path: path, limits: limits)
            let size = source.uprightSize
            return ImageProperties(
                format: source.header.format, width: size.width, height: size.height, frames: source.frames,
                sizeBytes: source.sizeBytes)
        }
    }

    public func pixels(path: String, preprocessing: Preprocessing) async throws(ImageReadingError) -> PixelTensor {
        try await onThread { [limits] () throws(ImageReadingError) in
            let source = try PictureSource(path: path, limits: limits)
            let placement = Placement(preprocessing, source: source.uprightSize)
            let pixels = try source.pixels(placement, filter: preprocessing.interpolation, alpha: .onWhite)
            return try PixelTensor(pixels, preprocessing)
        }
    }

    public func rendition(path: String, _ request: RenditionRequest) async throws(ImageReadingError) -> [UInt8] {
        let most = limits.maximumRenditionSide
        guard request.width > 0, request.height > 0, max(request.width, request.height) <= most else {
            throw .over("rendition's longest side", max(request.width, request.height), "pixels", limit: most)
        }
        return try await onThread { [limits] () throws(ImageReadingError) in
            let source = try PictureSource(path: path, limits: limits)
            let placement = Placement(request, source: source.uprightSize)
            let pixels = try source.pixels(placement, filter: .lanczos3, alpha: request.format.alpha)
            return try request.format.encode(pixels, quality: request.quality)
        }
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
