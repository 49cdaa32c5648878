/// Tells images by their first bytes, so that what is none is not sent. The server has the last word.
enum ImageSniffer {
    static let headSize = 32

    static func isImage(_ head: [UInt8]) -> Bool {
        let starts: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF], [0x89] + Array("PNG\r\n\u{1A}\n".utf8), Array("GIF87a".utf8), Array("GIF89a".utf8),
            Array("BM".utf8), Array("II*\0".utf8), Array("MM\0*".utf8), Array("II+\0".utf8), Array("MM\0+".utf8),
        ]
        if starts.contains(where: head.starts(with:)) { return true }
        guard head.count >= 12 else { return false }
        if head.starts(with: Array("RIFF".utf8)) { return Array(head[8..<12]) == Array("WEBP".utf8) }
        // ISO base media files name their brand, and HEIC and AVIF may name it among the compatible ones.
        guard Array(head[4..<8]) == Array("ftyp".utf8) else { return false }
        let brands = stride(from: 8, to: head.count - 3, by: 4).map {
            String(decoding: head[$0..<$0 + 4], as: UTF8.self)
        }
        return brands.contains {
            ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis"].contains($0)
        }
    }
}
