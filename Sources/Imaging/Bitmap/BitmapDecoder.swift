import Domain

/// Decodes BMP, which libvips only reads through a library too large to trust with it.
///
/// The caller has held `header` to the limits; every read is checked against the file's end.
struct BitmapDecoder {
    let header: BitmapHeader
    let bytes: UnsafeRawBufferPointer

    static func decode(_ bytes: UnsafeRawBufferPointer, limits: ImagingLimits) throws(ImageReadingError) -> PixelBuffer
    {
        let header = try BitmapHeader(bytes)
        try limits.check(width: header.width, height: header.height)
        let decoder = BitmapDecoder(header: header, bytes: bytes)
        if header.compression != .none { return try decoder.runs() }
        try decoder.checkComplete()
        switch header.bitsPerPixel {
        case ...8: return try decoder.indexed()
        case 24: return try decoder.trueColour()
        default: return try decoder.masked()
        }
    }

    private var rowBytes: Int { (header.width * header.bitsPerPixel + 31) / 32 * 4 }

    /// The last row may lack its padding.
    private func checkComplete() throws(ImageReadingError) {
        let last = (header.width * header.bitsPerPixel + 7) / 8
        guard header.pixelOffset + rowBytes * (header.height - 1) + last <= bytes.count else { throw .corrupt() }
    }

    /// The row of the output that the file's row `row` is.
    private func place(_ row: Int) -> Int { header.isTopDown ? row : header.height - 1 - row }

    /// 256 colours; those past the palette's end are black, as viewers show them.
    private func palette() -> [(UInt8, UInt8, UInt8)] {
        (0..<256).map { index in
            let entry = header.paletteOffset + index * header.paletteEntryBytes
            guard index < header.paletteCount, entry + 2 < bytes.count else { return (0, 0, 0) }
            return (bytes[entry + 2], bytes[entry + 1], bytes[entry])
        }
    }

    private func indexed() throws(ImageReadingError) -> PixelBuffer {
        let pixels = try PixelBuffer(width: header.width, height: header.height, bands: 3)
        let palette = palette()
        let bits = header.bitsPerPixel
        let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
        for row in 0..<header.height {
            let source = header.pixelOffset + row * rowBytes
            var target = place(row) * header.width * 3
            for column in 0..<header.width {
                let bit = column * bits
                let index = bytes[source + bit >> 3] >> UInt8(8 - bits - bit & 7) & mask
                (pixels.samples[target], pixels.samples[target + 1], pixels.samples[target + 2]) = palette[Int(index)]
                target += 3
            }
        }
        return pixels
    }

    private func trueColour() throws(ImageReadingError) -> PixelBuffer {
        let pixels = try PixelBuffer(width: header.width, height: header.height, bands: 3)
        for row in 0..<header.height {
            var source = header.pixelOffset + row * rowBytes
            var target = place(row) * header.width * 3
            for _ in 0..<header.width {
                pixels.samples[target] = bytes[source + 2]
                pixels.samples[target + 1] = bytes[source + 1]
                pixels.samples[target + 2] = bytes[source]
                source += 3
                target += 3
            }
        }
        return pixels
    }

    /// One colour's bits within a pixel, widened or narrowed to 8.
    private struct Channel {
        let mask: UInt32
        let shift: UInt32
        let table: [UInt8]

        init(mask: UInt32) {
            // Of more than 8 bits the upper 8 are kept.
            let bits = mask.nonzeroBitCount
            let dropped = max(0, bits - 8)
            shift = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount + dropped)
            self.mask = mask
            let most = mask == 0 ? 1 : (1 << min(bits, 8)) - 1
            table = (0..<256).map { UInt8(min(255, ($0 * 255 + most / 2) / most)) }
        }

        func value(_ pixel: UInt32) -> UInt8 { table[Int((pixel & mask) >> shift)] }
    }

    private func masked() throws(ImageReadingError) -> PixelBuffer {
        let channels = header.masks.map(Channel.init)
        let (red, green, blue, alpha) = (channels[0], channels[1], channels[2], channels[3])
        let hasAlpha = alpha.mask != 0
        let pixels = try PixelBuffer(width: header.width, height: header.height, bands: hasAlpha ? 4 : 3)
        let step = header.bitsPerPixel / 8
        var anyAlpha: UInt8 = 0
        for row in 0..<header.height {
            var source = header.pixelOffset + row * rowBytes
            var target = place(row) * header.width * pixels.bands
            for _ in 0..<header.width {
                let pixel =
                    step == 4
                    ? UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: source, as: UInt32.self))
                    : UInt32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: source, as: UInt16.self)))
                pixels.samples[target] = red.value(pixel)
                pixels.samples[target + 1] = green.value(pixel)
                pixels.samples[target + 2] = blue.value(pixel)
                if hasAlpha {
                    let opacity = alpha.value(pixel)
                    pixels.samples[target + 3] = opacity
                    anyAlpha |= opacity
                }
                source += step
                target += pixels.bands
            }
        }
        // Many writers declare an alpha channel and leave it zero; viewers show such files as opaque.
        if hasAlpha, anyAlpha == 0 {
            for target in stride(from: 3, to: pixels.samples.count, by: 4) { pixels.samples[target] = 255 }
        }
        return pixels
    }

    /// RLE4 and RLE8. Pixels that the runs skip have colour 0; what sticks out of a row is dropped.
    private func runs() throws(ImageReadingError) -> PixelBuffer {
        let pixels = try PixelBuffer(width: header.width, height: header.height, bands: 3)
        let palette = palette()
        let isNibbles = header.compression == .rle4
        for target in stride(from: 0, to: pixels.samples.count, by: 3) where palette[0] != (0, 0, 0) {
            (pixels.samples[target], pixels.samples[target + 1], pixels.samples[target + 2]) = palette[0]
        }
        var (offset, column, row) = (header.pixelOffset, 0, 0)

        func put(_ byte: UInt8, _ position: Int) {
            defer { column += 1 }
            guard column < header.width, row < header.height else { return }
            let index = isNibbles ? (position & 1 == 0 ? byte >> 4 : byte & 15) : byte
            let target = (place(row) * header.width + column) * 3
            (pixels.samples[target], pixels.samples[target + 1], pixels.samples[target + 2]) = palette[Int(index)]
        }

        while row < header.height {
            guard let count = bytes.byte(offset), let value = bytes.byte(offset + 1) else {
                // Only the mark of the end may be missing.
                guard row == header.height - 1, column >= header.width else { throw .corrupt() }
                return pixels
            }
            offset += 2
            switch (count, value) {
            case (0, 0): (column, row) = (0, row + 1)
            case (0, 1): return pixels
            case (0, 2):
                guard let right = bytes.byte(offset), let down = bytes.byte(offset + 1) else { throw .corrupt() }
                (column, row, offset) = (column + Int(right), row + Int(down), offset + 2)
            case (0, let literal):
                let length = isNibbles ? (Int(literal) + 1) / 2 : Int(literal)
                guard offset + length <= bytes.count else { throw .corrupt() }
                for position in 0..<Int(literal) {
                    put(bytes[offset + (isNibbles ? position / 2 : position)], position)
                }
                offset += length + length & 1
            default:
                for position in 0..<Int(count) { put(value, position) }
            }
        }
        return pixels
    }
}
