import CVips
import Domain

/// A file on its way to pixels: its bytes, what its header says, and the loader that fits.
///
/// The pictures it opens read its memory lazily: it must outlive them (`withExtendedLifetime`).
final class PictureSource {
    let header: ImageHeader
    /// In the file's orientation, at full size.
    let width: Int
    let height: Int
    let frames: Int
    /// Whether width and height swap when shown upright.
    let liesOnItsSide: Bool

    private let file: FileBytes
    private let limits: ImagingLimits
    private var bitmap: PixelBuffer?

    /// Reads the file and its header, and checks the limits; decodes no pixel.
    init(path: String, limits: ImagingLimits) throws(ImageReadingError) {
        try VipsRuntime.start()
        file = try FileBytes(path: path, limits: limits)
        header = try ImageHeader(file.bytes, limits: limits)
        self.limits = limits
        guard VipsRuntime.canRead(header.format) else {
            throw .unsupported("This installation can't read \(header.format.rawValue.uppercased()) images.")
        }
        if header.format == .bmp, let raster = header.raster {
            (width, height, frames, liesOnItsSide) = (raster.width, raster.height, 1, false)
        } else {
            let picture = try Self.load(file, header.format, shrink: 1)
            (width, height, liesOnItsSide) = (picture.width, picture.height, picture.liesOnItsSide)
            frames = max(1, header.frames ?? picture.pages)
            try limits.check(width: width, height: height, frames: frames)
        }
    }

    var sizeBytes: Int64 { Int64(file.bytes.count) }

    /// The picture's first frame, lazily. Where the format can decode at reduced size, the result is smaller by at
    /// most `shrink` on each side.
    func open(shrink: Double = 1) throws(ImageReadingError) -> VipsPicture {
        guard header.format == .bmp else { return try Self.load(file, header.format, shrink: shrink) }
        let pixels: PixelBuffer
        if let bitmap { pixels = bitmap } else { pixels = try BitmapDecoder.decode(file.bytes, limits: limits) }
        bitmap = pixels
        let picture = try VipsPicture(
            owning: vips_image_new_from_memory(
                pixels.samples.baseAddress, pixels.samples.count, Int32(pixels.width), Int32(pixels.height),
                Int32(pixels.bands), VIPS_FORMAT_UCHAR))
        return try picture.applying { imago_retag($0, VIPS_INTERPRETATION_sRGB) }
    }

    private static func load(
        _ file: FileBytes, _ format: ImageFormat, shrink: Double
    ) throws(ImageReadingError) -> VipsPicture {
        let (start, count) = (file.bytes.baseAddress, file.bytes.count)
        // A picture cut short is an error; oddities that viewers pass over are not.
        let failOn = VIPS_FAIL_ON_TRUNCATED
        let image =
            switch format {
            case .jpeg: imago_jpegload(start, count, shrink >= 8 ? 8 : shrink >= 4 ? 4 : shrink >= 2 ? 2 : 1, failOn)
            case .png: imago_pngload(start, count, failOn)
            case .webp: imago_webpload(start, count, 1 / max(1, shrink), failOn)
            case .gif: imago_gifload(start, count, failOn)
            case .tiff: imago_tiffload(start, count, failOn)
            case .heic, .avif: imago_heifload(start, count, failOn)
            case .bmp: preconditionFailure("BMP has a decoder of its own")
            }
        return try VipsPicture(owning: image)
    }
}
