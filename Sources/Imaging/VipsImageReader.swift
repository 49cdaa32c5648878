import CVips
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
            return try source.withPicture(placement, kernel: preprocessing.interpolation.kernel, alpha: .onWhite) {
                picture throws(ImageReadingError) in try PixelTensor(picture, preprocessing)
            }
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
            return try source.withPicture(placement, kernel: VIPS_KERNEL_LANCZOS3, alpha: request.format.alpha) {
                picture throws(ImageReadingError) in
                try request.format.encode(picture, quality: request.quality)
            }
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

extension Preprocessing.Interpolation {
    /// libvips widens these kernels when shrinking, so each is antialiased like Pillow's filter of the same name.
    fileprivate var kernel: VipsKernel {
        switch self {
        case .bilinear: VIPS_KERNEL_LINEAR
        case .bicubic: VIPS_KERNEL_CUBIC
        case .lanczos3: VIPS_KERNEL_LANCZOS3
        }
    }
}
