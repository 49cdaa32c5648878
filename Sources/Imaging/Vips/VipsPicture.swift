import CVips
import Domain

/// One reference to a libvips image, given up with the object. Images are lazy: pixels flow when one is rendered.
///
/// Not for sharing between threads: each picture lives within one piece of work.
final class VipsPicture {
    let pointer: UnsafeMutablePointer<VipsImage>
    /// What the pointer reads, where that is ours.
    private let memory: PixelBuffer?

    /// Takes over a reference that an operation returned; nil means that it failed.
    init(
        owning pointer: UnsafeMutablePointer<VipsImage>?, memory: PixelBuffer? = nil
    ) throws(ImageReadingError) {
        guard let pointer else { throw VipsRuntime.failure() }
        self.pointer = pointer
        self.memory = memory
    }

    /// Shows a buffer, without a copy.
    convenience init(_ pixels: PixelBuffer, as space: VipsInterpretation) throws(ImageReadingError) {
        let bare = try VipsPicture(
            owning: vips_image_new_from_memory(
                pixels.samples.baseAddress, pixels.samples.count, Int32(pixels.width), Int32(pixels.height),
                Int32(pixels.bands), VIPS_FORMAT_UCHAR))
        try self.init(owning: imago_retag(bare.pointer, space), memory: pixels)
    }

    deinit { g_object_unref(pointer) }

    var width: Int { Int(vips_image_get_width(pointer)) }
    var height: Int { Int(vips_image_get_height(pointer)) }
    var bands: Int { Int(vips_image_get_bands(pointer)) }
    var format: VipsBandFormat { vips_image_get_format(pointer) }
    var interpretation: VipsInterpretation { vips_image_get_interpretation(pointer) }
    var pages: Int { Int(vips_image_get_n_pages(pointer)) }
    var orientation: Orientation { Orientation(Int(vips_image_get_orientation(pointer))) }

    /// Applies an operation of the C shim.
    func applying(
        _ operation: (UnsafeMutablePointer<VipsImage>) -> UnsafeMutablePointer<VipsImage>?
    ) throws(ImageReadingError) -> VipsPicture {
        try VipsPicture(owning: operation(pointer), memory: memory)
    }

    /// Runs the pipeline so far, into memory. The samples are bytes by now.
    func rendered() throws(ImageReadingError) -> PixelBuffer {
        guard format == VIPS_FORMAT_UCHAR, bands <= 4 else { throw .corrupt(detail: "\(bands) bands, \(format)") }
        var count = 0
        // GLib's allocator is the system's own.
        guard let start = vips_image_write_to_memory(pointer, &count) else { throw VipsRuntime.failure() }
        return PixelBuffer(adopting: start, width: width, height: height, bands: bands)
    }
}
