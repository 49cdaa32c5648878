import Domain

extension ImageHeader {
    /// WebP's canvas (RFC 9649): from `VP8X`, or from the only bitstream of a simple file.
    ///
    /// Frames are counted by the decoder, which also holds them to the canvas.
    mutating func readWebP(_ bytes: UnsafeRawBufferPointer) {
        func number(_ offset: Int, bytes count: Int) -> Int? {
            var value = 0
            for position in (0..<count).reversed() {
                guard let byte = bytes.byte(offset + position) else { return nil }
                value = value << 8 | Int(byte)
            }
            return value
        }
        if bytes.has("VP8X", at: 12), let width = number(24, bytes: 3), let height = number(27, bytes: 3) {
            raster = (width + 1, height + 1)
        } else if bytes.has("VP8L", at: 12), let packed = number(21, bytes: 4) {
            raster = (packed & 0x3FFF + 1, packed >> 14 & 0x3FFF + 1)
        } else if bytes.has("VP8 ", at: 12), let width = number(26, bytes: 2), let height = number(28, bytes: 2) {
            raster = (width & 0x3FFF, height & 0x3FFF)
        }
    }
}
