/// How a browser should name a file that it shows or saves (RFC 6266).
enum ContentDisposition {
    /// `inline; filename="..."`, with `filename*` (RFC 8187) where the name is more than plain ASCII.
    static func inline(fileName: String) -> String {
        let plain = String(
            String.UnicodeScalarView(
                fileName.unicodeScalars.map { scalar in
                    (0x20..<0x7F).contains(scalar.value) && !"\"\\%/".unicodeScalars.contains(scalar) ? scalar : "_"
                }))
        let header = "inline; filename=\"\(plain)\""
        return plain == fileName ? header : header + "; filename*=UTF-8''\(encoded(fileName))"
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
