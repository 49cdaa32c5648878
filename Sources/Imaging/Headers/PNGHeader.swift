import Domain

extension ImageHeader {
    /// PNG (ISO/IEC 15948) up to the first image data: `IHDR`'s size, and `acTL`'s number of frames.
    mutating func readPNG(_ bytes: UnsafeRawBufferPointer) throws(ImageReadingError) {
        guard bytes.has("IHDR", at: 12), let width = bytes.big(UInt32.self, at: 16),
            let height = bytes.big(UInt32.self, at: 20)
        else { throw .corrupt("The PNG's header is damaged.") }
        raster = (Int(width), Int(height))
        frames = 1
        var offset = 8
        while let length = bytes.big(UInt32.self, at: offset), !bytes.has("IDAT", at: offset + 4) {
            if bytes.has("acTL", at: offset + 4), let count = bytes.big(UInt32.self, at: offset + 8) {
                frames = max(1, Int(count))
            }
            offset += 12 + Int(length)
        }
    }
}
