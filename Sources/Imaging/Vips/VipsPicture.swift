import CVips
import Domain

/// One reference to a libvips image, given up with the object. Images are lazy: pixels flow when one is materialised.
///
/// Not for sharing between threads: each picture lives within one piece of work.
final class VipsPicture {
    let pointer: UnsafeMutablePointer<VipsImage>

    /// Takes over a reference that an operation returned; nil means that it failed.
    init(owning pointer: UnsafeMutablePointer<VipsImage>?) throws(ImageReadingError) {
        guard let pointer else { throw VipsRuntime.failure() }
        self.pointer = pointer
    }

    deinit { g_object_unref(pointer) }

    var width: Int { Int(vips_image_get_width(pointer)) }
    var height: Int { Int(vips_image_get_height(pointer)) }
    var bands: Int { Int(vips_image_get_bands(pointer)) }
    var format: VipsBandFormat { vips_image_get_format(pointer) }
    var interpretation: VipsInterpretation { vips_image_get_interpretation(pointer) }
    var hasAlpha: Bool { vips_image_hasalpha(pointer) != 0 }
    var pages: Int { Int(vips_image_get_n_pages(pointer)) }
    /// Whether showing it upright swaps width and height (EXIF orientation 5 to 8).
    var liesOnItsSide: Bool { vips_image_get_orientation_swap(pointer) != 0 }
    var hasProfile: Bool { vips_image_get_typeof(pointer, "icc-profile-data") != 0 }

    /// Applies an operation of the C shim.
    func applying(
        _ operation: (UnsafeMutablePointer<VipsImage>) -> UnsafeMutablePointer<VipsImage>?
    ) throws(ImageReadingError) -> VipsPicture {
        try VipsPicture(owning: operation(pointer))
    }

    /// Runs the pipeline so far, into memory.
    func materialised() throws(ImageReadingError) -> VipsPicture {
        try applying { vips_image_copy_memory($0) }
    }
}
