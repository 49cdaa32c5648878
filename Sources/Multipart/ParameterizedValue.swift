/// A header value with parameters, as `Content-Type` and `Content-Disposition` have it:
/// `form-data; name="images"; filename="a.jpg"` (RFC 9110 section 5.6.6, RFC 6266 section 4.1).
public struct ParameterizedValue: Sendable, Hashable {
    /// What stands before the first semicolon, in lower case.
    public let value: String
    /// By name in lower case. Of a repeated one the first counts.
    public let parameters: [String: String]

    /// Reads a header value; nil when its parameters can't be told apart.
    ///
    /// A backslash escapes a quote or a backslash in a quoted string and otherwise stands for itself, because there are
    /// clients that send `filename="C:\photos\a.jpg"`.
    public init?(parsing text: some StringProtocol) {
        var scanner = Scanner(bytes: Array(text.utf8))
        value = scanner.text(upTo: [Scanner.semicolon]).lowercased()
        var parameters: [String: String] = [:]
        while scanner.skip(Scanner.semicolon) {
            scanner.skipBlanks()
            if scanner.isAtEnd || scanner.current == Scanner.semicolon { continue }
            let name = scanner.text(upTo: [Scanner.semicolon, Scanner.equals]).lowercased()
            guard !name.isEmpty, scanner.skip(Scanner.equals), let value = scanner.parameterValue() else { return nil }
            if parameters[name] == nil { parameters[name] = value }
        }
        guard scanner.isAtEnd else { return nil }
        self.parameters = parameters
    }

    /// A parameter's text; where it is also given in the extended form `name*=UTF-8''a%20b.jpg` (RFC 8187), that one.
    public func text(_ name: String) -> String? {
        if let extended = parameters[name + "*"], let decoded = Self.decodeExtended(extended) { return decoded }
        return parameters[name]
    }

    private static func decodeExtended(_ text: String) -> String? {
        let pieces = text.utf8.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3 else { return nil }
        var bytes: [UInt8] = []
        var rest = pieces[2]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        switch String(Substring(pieces[0])).lowercased() {
        case "utf-8": return String(validating: bytes, as: UTF8.self)
        case "iso-8859-1": return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init) : nil
    }
}

private struct Scanner {
    static let semicolon = UInt8(ascii: ";")
    static let equals = UInt8(ascii: "=")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var current: UInt8 { bytes[position] }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    /// What comes before the next of the bytes, without the blanks around it.
    mutating func text(upTo ends: [UInt8]) -> String {
        skipBlanks()
        let start = position
        while position < bytes.count, !ends.contains(bytes[position]) { position += 1 }
        var end = position
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// A quoted string, or plain text up to the next semicolon; nil when a quote is not closed.
    mutating func parameterValue() -> String? {
        skipBlanks()
        guard skip(Self.quote) else { return text(upTo: [Self.semicolon]) }
        var value: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.quote {
                skipBlanks()
                return String(decoding: value, as: UTF8.self)
            }
            if byte == Self.backslash, position < bytes.count,
                bytes[position] == Self.quote || bytes[position] == Self.backslash
            {
                value.append(bytes[position])
                position += 1
            } else {
                value.append(byte)
            }
        }
        return nil
    }
}
