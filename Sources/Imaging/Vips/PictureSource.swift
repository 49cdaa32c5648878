import CVips
import Domain

/// A file on its way to pixels: its bytes, what its header says, and the loader that fits.
///
/// The pictures it opens read its memory lazily: it must outlive them.
final class PictureSource {
    let header: ImageHeader
    /// In the file's orientation, at full size.
    let size: PixelSize
    let frames: Int
    let orientation: Orientation

    private let file: FileBytes
    private let limits: ImagingLimits
    /// The full-size picture, of which only the header has been read; nil for BMP.
    private let picture: VipsPicture?

    /// Reads the header and checks the limits; decodes no pixel.
    init(_ file: FileBytes, limits: ImagingLimits) throws(ImageReadingError) {
        try VipsRuntime.start()
        self.file = file
        header = try ImageHeader(file.bytes, limits: limits)
        self.limits = limits
        guard VipsRuntime.canRead(header.format) else {
            throw .unsupported("This installation can't read \(header.format.rawValue.uppercased()) images.")
        }
        if header.format == .bmp, let raster = header.raster {
            size = PixelSize(width: raster.width, height: raster.height)
            (picture, frames, orientation) = (nil, 1, .upright)
        } else {
            if header.format == .png { file.edit(PNGText.remove) }
            let picture = try Self.load(file, header.format, shrink: 1)
            size = PixelSize(width: picture.width, height: picture.height)
            (self.picture, orientation) = (picture, picture.orientation)
            frames = max(1, header.frames ?? picture.pages)
            try limits.check(width: size.width, height: size.height, frames: frames)
        }
    }

    convenience init(path: String, limits: ImagingLimits) throws(ImageReadingError) {
        try self.init(FileBytes(path: path, limits: limits), limits: limits)
    }

    var sizeBytes: Int64 { file.sizeBytes }

    /// The picture's first frame, lazily, and by how much its decoder makes each side smaller: at most `shrink`.
    func open(shrink: Double) throws(ImageReadingError) -> (VipsPicture, by: Double) {
        guard let picture else {
            let pixels = try BitmapDecoder.decode(file.bytes, limits: limits)
            return (try VipsPicture(pixels, as: VIPS_INTERPRETATION_sRGB), 1)
        }
        let factor: Double =
            switch header.format {
            case .jpeg: shrink >= 8 ? 8 : shrink >= 4 ? 4 : shrink >= 2 ? 2 : 1
            case .webp: max(1, shrink)
            default: 1
            }
        return (factor == 1 ? picture : try Self.load(file, header.format, shrink: factor), factor)
    }

    private static func load(
        _ file: FileBytes, _ format: ImageFormat, shrink: Double
    ) throws(ImageReadingError) -> VipsPicture {
        let (start, count) = (file.bytes.baseAddress, file.bytes.count)
        // A picture cut short is an error; oddities that viewers pass over are not.
        let failOn = VIPS_FAIL_ON_TRUNCATED
        let image =
            switch format {
            case .jpeg: imago_jpegload(start, count, Int32(shrink), failOn)
            case .png: imago_pngload(start, count, failOn)
            case .webp: imago_webpload(start, count, 1 / shrink, failOn)
            case .gif: imago_gifload(start, count, failOn)
            case .tiff: imago_tiffload(start, count, failOn)
            case .heic, .avif: imago_heifload(start, count, failOn)
            case .bmp: preconditionFailure("BMP has a decoder of its own")
            }
        return try VipsPicture(owning: image)
    }
}
