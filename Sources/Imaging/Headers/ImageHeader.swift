import Domain

/// What our own reading of a file's structure says, before any decoder library sees it.
///
/// The libraries' word alone isn't enough: some believe a field that their own decoder then outgrows.
struct ImageHeader {
    let format: ImageFormat
    /// The largest raster that decoding the first frame may need, in the file's orientation. Nil where the file doesn't
    /// say plainly, and the decoder's own reading is what there is.
    var raster: (width: Int, height: Int)?
    /// Nil where the decoder counts them.
    var frames: Int?

    /// Sniffs the format, walks the structure and checks the limits.
    init(_ bytes: UnsafeRawBufferPointer, limits: ImagingLimits) throws(ImageReadingError) {
        guard !bytes.isEmpty else { throw .unsupported("The file is empty.") }
        guard let format = ImageFormat.sniff(bytes), limits.formats.contains(format) else {
            let names = ImageFormat.allCases.filter(limits.formats.contains).map { $0.rawValue.uppercased() }
            throw .unsupported("The bytes are no supported image (\(names.joined(separator: ", "))).")
        }
        self.format = format
        switch format {
        case .jpeg: try readJPEG(bytes)
        case .png: try readPNG(bytes)
        case .gif: try readGIF(bytes, limits: limits)
        case .tiff: try readTIFF(bytes, limits: limits)
        case .webp: readWebP(bytes)
        case .bmp:
            let header = try BitmapHeader(bytes)
            raster = (header.width, header.height)
            frames = 1
        case .heic, .avif: try checkCodedSizes(bytes, limits: limits)
        }
        if let raster { try limits.check(width: raster.width, height: raster.height, frames: frames ?? 1) }
    }
}
