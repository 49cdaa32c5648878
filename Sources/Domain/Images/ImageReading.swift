/// Reads image files: what they are, and their pixels. The implementation guards the process against hostile bytes.
public protocol ImageReading: Sendable {
    /// Format by content, dimensions and frames from the header, limits checked; no pixel is decoded.
    func probe(path: String) async throws(ImageReadingError) -> ImageProperties

    /// The picture as a model wants it: EXIF orientation applied, sRGB, alpha on white, first frame.
    func pixels(path: String, preprocessing: Preprocessing) async throws(ImageReadingError) -> PixelTensor

    /// A smaller copy for display.
    func rendition(path: String, _ request: RenditionRequest) async throws(ImageReadingError) -> [UInt8]
}

/// Why a file can't be taken as an image. `message` is fit for the client: no path, no library text.
public struct ImageReadingError: Error, Sendable, Hashable, Codable {
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// The bytes are no supported image.
        case unsupported = "unsupported_image"
        /// An image of a supported format that can't be decoded.
        case corrupt = "corrupt_image"
        /// Over a limit of bytes, pixels or frames.
        case tooLarge = "image_too_large"
        /// The file itself could not be read, or the decoder is not there: trying again may help.
        case unavailable = "image_unavailable"
        /// The decoder came to a sudden end over it, twice.
        case decoderCrashed = "decoder_crashed"
        /// It takes more time than one image may take.
        case decoderTimeout = "decoder_timeout"
        /// It takes more memory than one image may take.
        case decoderOutOfMemory = "decoder_out_of_memory"
    }
    public let code: Code
    public let message: String
    /// What the decoder said, for the log only.
    public let detail: String?

    public init(code: Code, message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }
}

public struct RenditionRequest: Sendable, Hashable, Codable {
    public enum Fit: String, Sendable, Hashable, CaseIterable, Codable {
        /// Within the box, aspect kept.
        case contain
        /// Fills the box, aspect kept, the rest cut away around the centre.
        case cover
    }
    /// Formats a rendition can have.
    public enum Format: String, Sendable, Hashable, CaseIterable, Codable {
        case webp, jpeg, png, avif
        public var contentType: String { "image/\(rawValue)" }
    }
    /// The box, in pixels. Images are never enlarged.
    public let width: Int
    public let height: Int
    public let fit: Fit
    public let format: Format
    /// 1...100, for the lossy formats.
    public let quality: Int

    public init(width: Int, height: Int, fit: Fit = .contain, format: Format = .webp, quality: Int = 80) {
        self.width = width
        self.height = height
        self.fit = fit
        self.format = format
        self.quality = quality
    }
}
