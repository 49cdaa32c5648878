/// Text as PostgreSQL can hold it: it knows no NUL, which JSON and file names may have.
///
/// NUL is written as U+0001 U+0001, and U+0001 as U+0001 U+0002. Everything else stays as it is, so nearly all text does.
/// No code begins another and the codes sort as what they stand for: equality, order by bytes and prefixes are kept.
enum StoredText {
    static func encode(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 2 }) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte < 2 { bytes += [1, byte + 1] } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func decode(_ text: String) -> String {
        guard text.utf8.contains(1) else { return text }
        var bytes: [UInt8] = []
        var isCode = false
        for byte in text.utf8 {
            if isCode {
                bytes.append(byte &- 1)
                isCode = false
            } else if byte == 1 {
                isCode = true
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
