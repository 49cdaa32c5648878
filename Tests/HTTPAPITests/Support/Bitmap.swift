/// A picture of one colour as a BMP file (BITMAPINFOHEADER, 24 bits): the simplest real image there is.
enum Bitmap {
    static func file(red: UInt8, green: UInt8, blue: UInt8, width: Int = 16, height: Int = 12) -> [UInt8] {
        let row = (width * 3 + 3) / 4 * 4
        let pixels = row * height
        var bytes = Array("BM".utf8) + little(54 + pixels, 4) + little(0, 4) + little(54, 4)
        bytes += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2)
        bytes += little(0, 4) + little(pixels, 4) + little(2835, 4) + little(2835, 4) + little(0, 8)
        for _ in 0..<height {
            for _ in 0..<width { bytes += [blue, green, red] }
            bytes += [UInt8](repeating: 0, count: row - width * 3)
        }
        return bytes
    }

    static let red = file(red: 250, green: 2, blue: 3)
    static let green = file(red: 4, green: 250, blue: 5)
    static let blue = file(red: 6, green: 7, blue: 250)

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
