import Domain

/// Reads one image file at a time, on the caller's thread. What `VipsImageReader` does on threads of its own, and what a
/// process that only decodes does all its life.
public struct PictureReader: Sendable {
    public let limits: ImagingLimits

    /// A file to be read.
    public enum File: Sendable {
        case path(String)
        /// Open for reading, at its start; it stays open.
        case descriptor(Int32)
    }

    /// Starts libvips, which later calls find started.
    public init(limits: ImagingLimits) throws(ImageReadingError) {
        try VipsRuntime.start()
        self.limits = limits
    }

    public func probe(_ file: File) throws(ImageReadingError) -> ImageProperties {
        let source = try open(file)
        let size = source.uprightSize
        return ImageProperties(
            format: source.header.format, width: size.width, height: size.height, frames: source.frames,
            sizeBytes: source.sizeBytes)
    }

    public func pixels(_ file: File, _ preprocessing: Preprocessing) throws(ImageReadingError) -> PixelTensor {
        let source = try open(file)
        let placement = Placement(preprocessing, source: source.uprightSize)
        let pixels = try source.pixels(placement, filter: preprocessing.interpolation, alpha: .onWhite)
        return try PixelTensor(pixels, preprocessing)
    }

    public func rendition(_ file: File, _ request: RenditionRequest) throws(ImageReadingError) -> [UInt8] {
        let most = limits.maximumRenditionSide
        guard request.width > 0, request.height > 0, max(request.width, request.height) <= most else {
            throw .over("rendition's longest side", max(request.width, request.height), "pixels", limit: most)
        }
        let source = try open(file)
        let placement = Placement(request, source: source.uprightSize)
        let pixels = try source.pixels(placement, filter: .lanczos3, alpha: request.format.alpha)
        return try request.format.encode(pixels, quality: request.quality)
    }

    /// Writes and reads a tiny picture in each format that can be written, so that whatever the libraries load or set up
    /// at their first use is there before the process is shut in.
    public func warmUp() throws(ImageReadingError) {
        let pixels = try PixelBuffer(width: 16, height: 16, bands: 3)
        for format in RenditionRequest.Format.allCases {
            guard let bytes = try? format.encode(pixels, quality: 50) else { continue }
            try PictureSource.touch(bytes, limits: limits)
        }
    }

    private func open(_ file: File) throws(ImageReadingError) -> PictureSource {
        let bytes =
            switch file {
            case .path(let path): try FileBytes(path: path, limits: limits)
            case .descriptor(let descriptor): try FileBytes(descriptor: descriptor, limits: limits)
            }
        return try PictureSource(bytes, limits: limits)
    }
}

extension PictureSource {
    /// Decodes a picture of our own.
    fileprivate static func touch(_ bytes: [UInt8], limits: ImagingLimits) throws(ImageReadingError) {
        let source = try PictureSource(FileBytes(copying: bytes), limits: limits)
        _ = try source.open(shrink: 1).0.rendered()
    }
}
