import Domain

extension ImageHeader {
    /// HEIF and AVIF (ISO/IEC 23008-12): every `ispe` property is held to the limits, since a small picture may be cut
    /// from, or put together of, larger ones that the decoder makes first.
    func checkCodedSizes(_ bytes: UnsafeRawBufferPointer, limits: ImagingLimits) throws(ImageReadingError) {
        for size in HEIFBoxes.sizes(in: bytes) where size.width > 0 && size.height > 0 {
            try limits.check(width: size.width, height: size.height)
        }
    }
}

/// Walks to `meta` / `iprp` / `ipco` / `ispe`.
private enum HEIFBoxes {
    static func sizes(in bytes: UnsafeRawBufferPointer) -> [(width: Int, height: Int)] {
        var sizes: [(width: Int, height: Int)] = []
        for meta in boxes("meta", in: bytes, 0..<bytes.count) {
            // A full box: version and flags come before its children.
            for properties in boxes("iprp", in: bytes, meta.dropFirst(4)) {
                for container in boxes("ipco", in: bytes, properties) {
                    for extent in boxes("ispe", in: bytes, container) {
                        if let width = bytes.big(UInt32.self, at: extent.lowerBound + 4),
                            let height = bytes.big(UInt32.self, at: extent.lowerBound + 8)
                        {
                            sizes.append((Int(width), Int(height)))
                        }
                    }
                }
            }
        }
        return sizes
    }

    /// The contents of the boxes of a kind directly within a range.
    private static func boxes(
        _ kind: StaticString, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>
    ) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var offset = range.lowerBound
        while offset < range.upperBound, let short = bytes.big(UInt32.self, at: offset) {
            var header = 8
            var size = Int(short)
            if short == 1 {
                header = 16
                size = bytes.big(UInt64.self, at: offset + 8).map { Int(clamping: $0) } ?? 0
            } else if short == 0 {
                size = range.upperBound - offset
            }
            guard size >= header, size <= range.upperBound - offset else { break }
            if bytes.has(kind, at: offset + 4) { found.append(offset + header..<offset + size) }
            offset += size
        }
        return found
    }
}
