import Domain
import Multipart

/// An image written as text in a JSON body: a `data:` URL (RFC 2397) or bare base64 (RFC 4648).
enum ImageText {
    /// - Parameter place: what the error names.
    static func decode(_ text: String, at place: String) throws(APIError) -> [UInt8] {
        var base64 = text.utf8[...]
        let scheme = text.prefix(8).lowercased()
        if scheme.hasPrefix("http://") || scheme.hasPrefix("https://") { throw urlsAreOff(place) }
        if scheme.hasPrefix("data:") {
            guard let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")),
                text[..<comma].lowercased().hasSuffix(";base64")
            else {
                throw .invalid("\(place) is no data: URL in base64", code: "invalid_image", parameter: place)
            }
            base64 = text.utf8[text.utf8.index(after: comma)...]
        }
        guard let bytes = Base64.decode(base64) else {
            throw .invalid(
                "\(place) is neither a data: URL nor base64", code: "invalid_image", parameter: place)
        }
        return bytes
    }

    static func urlsAreOff(_ place: String) -> APIError {
        .invalid(
            "this server fetches no images from URLs; send their bytes", code: "url_fetching_disabled",
            parameter: place)
    }
}

/// Base64 (RFC 4648 sections 4 and 5): either alphabet, line breaks and missing padding allowed.
enum Base64 {
    private static let blank: Int8 = -2
    private static let values: [Int8] = {
        var values = [Int8](repeating: -1, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in letters.utf8.enumerated() { values[Int(letter)] = Int8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        for byte: UInt8 in [0x20, 0x09, 0x0A, 0x0D] { values[Int(byte)] = blank }
        return values
    }()

    /// Nil when a character is none of the alphabet's, or the last group can't be.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(byte)]
            if value == blank { continue }
            guard value >= 0, padding == 0 else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                group = 0
                digits = 0
            }
        }
        switch (digits, padding) {
        case (0, 0): break
        case (2, 0), (2, 2): bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case (3, 0), (3, 1):
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default: return nil
        }
        return bytes
    }
}
