/// BMP files of noise, which nothing makes smaller.
enum Bitmap {
    static func noise(width: Int, height: Int, seed: UInt64) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let row = (width * 3 + 3) / 4 * 4
        let header =
            Array("BM".utf8) + little(54 + row * height, 4) + little(0, 4) + little(54, 4) + little(40, 4)
            + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2) + [UInt8](repeating: 0, count: 24)
        return [UInt8](unsafeUninitializedCapacity: header.count + row * height) { bytes, count in
            for (position, byte) in header.enumerated() { bytes[position] = byte }
            var state = seed | 1
            for position in header.count..<header.count + row * height {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                bytes[position] = UInt8(truncatingIfNeeded: state)
            }
            count = header.count + row * height
        }
    }
}
