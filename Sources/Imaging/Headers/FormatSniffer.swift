import Domain

extension ImageFormat {
    /// The format the bytes themselves claim; nil when it is none that Imago takes.
    static func sniff(_ bytes: UnsafeRawBufferPointer) -> ImageFormat? {
        if bytes.byte(0) == 0xFF, bytes.byte(1) == 0xD8, bytes.byte(2) == 0xFF { return .jpeg }
        if bytes.byte(0) == 0x89, bytes.has("PNG\r\n\u{1A}\n", at: 1) { return .png }
        if bytes.has("GIF87a") || bytes.has("GIF89a") { return .gif }
        if bytes.has("RIFF"), bytes.has("WEBPVP8", at: 8) { return .webp }
        if bytes.has("II*\0") || bytes.has("MM\0*") || bytes.has("II+\0") || bytes.has("MM\0+") { return .tiff }
        if bytes.has("BM"), let header = bytes.little(UInt32.self, at: 14), BitmapHeader.sizes.contains(header) {
            return .bmp
        }
        if bytes.has("ftyp", at: 4) { return sniffBrands(bytes) }
        return nil
    }

    /// The brands of an ISO base media file (ISO/IEC 14496-12 section 4.3; HEIF 23008-12 annex B; AVIF section 6).
    private static func sniffBrands(_ bytes: UnsafeRawBufferPointer) -> ImageFormat? {
        guard let size = bytes.big(UInt32.self, at: 0), size >= 16 else { return nil }
        let end = min(Int(size), bytes.count, 1024)
        // The major brand, then (after a version) the compatible ones.
        let places = [8] + Array(stride(from: 16, to: end, by: 4))
        func claims(_ brands: [StaticString]) -> Bool {
            places.contains { place in brands.contains { bytes.has($0, at: place) } }
        }
        if claims(["avif", "avis"]) { return .avif }
        if claims(["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]) { return .heic }
        guard claims(["mif1", "mif2", "msf1", "miaf"]) else { return nil }
        // Only the structure is named: the decoder configuration among the first boxes tells the codec.
        let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(8192))
        for offset in 0..<head.count {
            if head.has("av1C", at: offset) { return .avif }
            if head.has("hvcC", at: offset) { return .heic }
        }
        return nil
    }
}
