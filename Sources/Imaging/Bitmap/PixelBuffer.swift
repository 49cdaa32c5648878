import Domain

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Interleaved 8-bit samples in memory of our own, rows top to bottom, freed with the object.
final class PixelBuffer {
    let width: Int
    let height: Int
    /// 3 for RGB, 4 for RGBA.
    let bands: Int
    let samples: UnsafeMutableBufferPointer<UInt8>

    /// All zero.
    init(width: Int, height: Int, bands: Int) throws(ImageReadingError) {
        guard let start = calloc(width * height, bands) else {
            throw .unavailable("Memory ran out while decoding the image.")
        }
        self.width = width
        self.height = height
        self.bands = bands
        samples = UnsafeMutableBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self), count: width * height * bands)
    }

    deinit { free(samples.baseAddress) }
}
