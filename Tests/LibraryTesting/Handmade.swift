/// Files written byte by byte, for what no encoder would write.
package enum Handmade {
    package static func big(_ value: Int, _ count: Int = 4) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ((count - 1 - $0) * 8)) }
    }

    package static func little(_ value: Int, _ count: Int) -> [UInt8] { big(value, count).reversed() }

    // MARK: PNG

    package static func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(kind.utf8) + data
        return big(data.count) + body + big(Int(crc(body)))
    }

    /// A PNG of stored (uncompressed) deflate blocks; the header says what it is told to.
    package static func png(
        _ picture: Picture, claims: (width: Int, height: Int)? = nil, extra: [UInt8] = [], depth: Int = 8
    ) -> [UInt8] {
        let colour = [1: 0, 2: 4, 3: 2, 4: 6][picture.bands]!
        let header =
            big(claims?.width ?? picture.width) + big(claims?.height ?? picture.height)
            + [UInt8(depth), UInt8(colour), 0, 0, 0]
        var raw: [UInt8] = []
        let row = picture.width * picture.bands
        for start in stride(from: 0, to: picture.samples.count, by: row) {
            // Every sample twice makes 16 bits of the same brightness.
            let samples = picture.samples[start..<start + row]
            raw += [0] + (depth == 16 ? samples.flatMap { [$0, $0] } : Array(samples))
        }
        return [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + chunk("IHDR", header) + extra + chunk("IDAT", zlib(raw))
            + chunk("IEND", [])
    }

    package static func zlib(_ raw: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x78, 0x01]
        var rest = raw[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            out += [rest.isEmpty ? 1 : 0] + little(block.count, 2) + little(block.count ^ 0xFFFF, 2) + block
        } while !rest.isEmpty
        var (a, b) = (1, 0)
        for byte in raw { (a, b) = ((a + Int(byte)) % 65_521, (b + a + Int(byte)) % 65_521) }
        return out + big(b << 16 | a)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    // MARK: GIF

    package struct Frame {
        let left: Int
        let top: Int
        let width: Int
        let height: Int
        /// Index into the colour table for every pixel.
        let colour: UInt8

        package init(left: Int = 0, top: Int = 0, width: Int, height: Int, colour: UInt8) {
            self.left = left
            self.top = top
            self.width = width
            self.height = height
            self.colour = colour
        }
    }

    /// A GIF of plain frames with a table of 128 colours. Codes are all 8 bits: a clear code comes before the table
    /// would need 9.
    package static func gif(screen: (width: Int, height: Int), colours: [[UInt8]], frames: [Frame]) -> [UInt8] {
        var table = colours.flatMap { $0 }
        table += [UInt8](repeating: 0, count: 128 * 3 - table.count)
        var bytes = Array("GIF89a".utf8) + little(screen.width, 2) + little(screen.height, 2) + [0xF6, 0, 0] + table
        for frame in frames {
            bytes += [0x21, 0xF9, 4, 0, 10, 0, 0, 0]
            bytes += [0x2C] + [frame.left, frame.top, frame.width, frame.height].flatMap { little($0, 2) } + [0, 7]
            var codes: [UInt8] = []
            for position in 0..<min(frame.width * frame.height, 100_000) {
                if position % 100 == 0 { codes.append(128) }
                codes.append(frame.colour)
            }
            codes.append(129)
            for start in stride(from: 0, to: codes.count, by: 255) {
                let block = codes[start..<min(start + 255, codes.count)]
                bytes += [UInt8(block.count)] + block
            }
            bytes.append(0)
        }
        return bytes + [0x3B]
    }

    // MARK: EXIF

    /// An EXIF block that holds an orientation and nothing else, little-endian.
    package static func exif(orientation: Int) -> [UInt8] {
        Array("II*\0".utf8) + little(8, 4) + little(1, 2) + little(0x0112, 2) + little(3, 2) + little(1, 4)
            + little(orientation, 4) + little(0, 4)
    }

    /// An EXIF block with a description of the picture in words.
    package static func exif(description: String) -> [UInt8] {
        let text = Array(description.utf8) + [0]
        return Array("II*\0".utf8) + little(8, 4) + little(1, 2) + little(0x010E, 2) + little(2, 2)
            + little(text.count, 4)
            + little(26, 4) + little(0, 4) + text
    }

    /// A JPEG with an APP1 segment right behind its start.
    package static func jpeg(_ bytes: [UInt8], exif: [UInt8]) -> [UInt8] {
        let body = Array("Exif\0\0".utf8) + exif
        return Array(bytes[..<2]) + [0xFF, 0xE1] + big(body.count + 2, 2) + body + Array(bytes[2...])
    }

    /// A JPEG whose frame header claims another size.
    package static func jpeg(_ bytes: [UInt8], claims size: (width: Int, height: Int)) -> [UInt8] {
        var bytes = bytes
        var offset = 2
        while bytes[offset + 1] != 0xC0, bytes[offset + 1] != 0xC2 {
            offset += 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
        }
        bytes.replaceSubrange(offset + 5..<offset + 9, with: big(size.height, 2) + big(size.width, 2))
        return bytes
    }
}
