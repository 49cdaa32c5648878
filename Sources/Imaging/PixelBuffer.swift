import CPixels
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
    /// Samples of one pixel, 1 to 4.
    let bands: Int
    let samples: UnsafeMutableBufferPointer<UInt8>

    /// All zero.
    convenience init(width: Int, height: Int, bands: Int) throws(ImageReadingError) {
        guard let start = calloc(width * height, bands) else {
            throw .outOfMemory()
        }
        self.init(adopting: start, width: width, height: height, bands: bands)
    }

    /// Takes over memory that `free` will give back.
    init(adopting start: UnsafeMutableRawPointer, width: Int, height: Int, bands: Int) {
        self.width = width
        self.height = height
        self.bands = bands
        samples = UnsafeMutableBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self), count: width * height * bands)
    }

    deinit { free(samples.baseAddress) }

    /// Undoes a multiplication of the colours by the opacity, the last band.
    func unpremultiply() {
        imago_unpremultiply(samples.baseAddress, width * height, Int32(bands))
    }
}
