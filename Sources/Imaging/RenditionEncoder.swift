import CVips
import Domain

extension RenditionRequest.Format {
    /// JPEG has no opacity.
    var alpha: VipsPicture.Alpha { self == .jpeg ? .onWhite : .kept }

    private var operation: String { self == .avif ? "heifsave_buffer" : "\(rawValue)save_buffer" }

    /// Encodes without metadata: what EXIF tells of place and owner stays with the original.
    func encode(_ pixels: PixelBuffer, quality: Int) throws(ImageReadingError) -> [UInt8] {
        let picture = try VipsPicture(
            pixels, as: pixels.bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
        let missing = "This installation can't write \(rawValue.uppercased()) images."
        guard imago_has_operation(operation) != 0 else { throw .unavailable(missing) }
        defer { withExtendedLifetime(picture) {} }
        var count = 0
        let quality = Int32(min(100, max(1, quality)))
        let encoded =
            switch self {
            case .webp: imago_webpsave(picture.pointer, quality, &count)
            case .jpeg: imago_jpegsave(picture.pointer, quality, &count)
            case .png: imago_pngsave(picture.pointer, &count)
            case .avif: imago_avifsave(picture.pointer, quality, &count)
            }
        guard let encoded else {
            // The pixels are in memory, so the fault is the encoder's: for AVIF most likely that none is there.
            throw .unavailable(
                self == .avif ? missing : "The rendition could not be written.", detail: VipsRuntime.takeErrorText())
        }
        defer { g_free(encoded) }
        return Array(UnsafeRawBufferPointer(start: encoded, count: count))
    }
}
