import LibraryTesting

/// BMP files of every kind of header and pixel.
enum Bitmaps {
    /// - Parameters:
    ///   - header: bytes of the information header.
    ///   - rows: bottom-up unless `height` is negative.
    static func file(
        header size: Int = 40, width: Int, height: Int, depth: Int, compression: Int = 0, masks: [UInt8] = [],
        palette: [UInt8] = [], pixels: [UInt8]
    ) -> [UInt8] {
        var header: [UInt8]
        if size == 12 {
            header = [12, 0, 0, 0].map { UInt8($0) } + [width, height, 1, depth].flatMap { Handmade.little($0, 2) }
        } else {
            header = Handmade.little(size, 4) + Handmade.little(width, 4) + Handmade.little(height, 4)
            header += Handmade.little(1, 2) + Handmade.little(depth, 2) + Handmade.little(compression, 4)
            header += Handmade.little(pixels.count, 4) + [UInt8](repeating: 0, count: 16)
            header += masks
            header += [UInt8](repeating: 0, count: max(0, size - header.count))
            if size < 40 { header = Array(header.prefix(size)) }
        }
        let offset = 14 + header.count + palette.count
        return Array("BM".utf8) + Handmade.little(offset + pixels.count, 4) + [0, 0, 0, 0] + Handmade.little(offset, 4)
            + header + palette + pixels
    }

    /// Blue, green, red, and a fourth byte where entries have one.
    static func palette(_ colours: [[UInt8]], entry: Int = 4) -> [UInt8] {
        colours.flatMap { $0.reversed() + [UInt8](repeating: 0, count: entry - 3) }
    }

    /// A row's bytes, filled up to a multiple of four.
    static func row(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4) }
}
