/// Why a text is no acceptable JSON. The offset counts bytes from 0.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case unexpectedEnd, unexpectedByte, badNumber, badString, badEscape, badUTF8, tooDeep, trailingBytes
    }
    public let code: Code
    public let message: String
    public let offset: Int

    public var description: String { "\(message) at byte \(offset)" }
}

extension JSONValue {
    /// Parses one JSON text (RFC 8259), strictly. Nesting is bounded, so hostile input can't exhaust the stack.
    public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 64) throws(JSONError) {
        var parser = JSONParser(bytes: Array(bytes), maximumDepth: maximumDepth)
        self = try parser.parseDocument()
    }

    public init(parsing text: String, maximumDepth: Int = 64) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    var position = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    func failure(_ code: JSONError.Code, _ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(code: code, message: message, offset: offset ?? position)
    }

    mutating func parseDocument() throws(JSONError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try parseValue(depth: 1)
        skipWhitespace()
        guard position == bytes.count else { throw failure(.trailingBytes, "text after the JSON value") }
        return value
    }

    mutating func skipWhitespace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        skipWhitespace()
        guard position < bytes.count else { throw failure(.unexpectedEnd, "the JSON text ends early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try parseNumber())
        default: throw failure(.unexpectedByte, "not the start of a JSON value")
        }
    }

    mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw failure(.unexpectedByte, "not the start of a JSON value") }
        position += word.utf8CodeUnitCount
        return value
    }

    func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else { throw failure(.tooDeep, "nested deeper than \(maximumDepth) levels") }
    }

    mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        try checkDepth(depth)
        var object = JSONObject()
        position += 1
        skipWhitespace()
        if consume("}") { return object }
        while true {
            skipWhitespace()
            guard position < bytes.count else { throw failure(.unexpectedEnd, "an object is not closed") }
            guard bytes[position] == UInt8(ascii: "\"") else {
                throw failure(.unexpectedByte, "an object member needs a name in double quotes")
            }
            let name = try parseString()
            skipWhitespace()
            guard consume(":") else { throw failure(.unexpectedByte, "expected ':' after a member's name") }
            object[name] = try parseValue(depth: depth + 1)
            skipWhitespace()
            if consume("}") { return object }
            guard position < bytes.count else { throw failure(.unexpectedEnd, "an object is not closed") }
            guard consume(",") else { throw failure(.unexpectedByte, "expected ',' or '}'") }
        }
    }

    mutating func parseArray(depth: Int) throws(JSONError) -> [JSONValue] {
        try checkDepth(depth)
        var elements: [JSONValue] = []
        position += 1
        skipWhitespace()
        if consume("]") { return elements }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            skipWhitespace()
            if consume("]") { return elements }
            guard position < bytes.count else { throw failure(.unexpectedEnd, "an array is not closed") }
            guard consume(",") else { throw failure(.unexpectedByte, "expected ',' or ']'") }
        }
    }

    mutating func consume(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position - start
    }

    mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = position
        _ = consume("-")
        if consume("0") {
            // A leading zero stands alone.
        } else if skipDigits() == 0 {
            throw failure(.badNumber, "a number needs a digit")
        }
        if consume("."), skipDigits() == 0 { throw failure(.badNumber, "a fraction needs a digit") }
        if consume("e") || consume("E") {
            if !consume("-") { _ = consume("+") }
            if skipDigits() == 0 { throw failure(.badNumber, "an exponent needs a digit") }
        }
        if position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            throw failure(.badNumber, "a number may not start with 0")
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"), bytes[end] >= 0x20
        {
            end += 1
        }
        var text = Array(bytes[start..<end])
        position = end
        while true {
            guard position < bytes.count else { throw failure(.unexpectedEnd, "a string is not closed") }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure(.badUTF8, "a string is not UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: try parseEscape())
            case 0..<0x20: throw failure(.badString, "a control character in a string must be escaped")
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    mutating func parseEscape() throws(JSONError) -> [UInt8] {
        guard position < bytes.count else { throw failure(.unexpectedEnd, "a string is not closed") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try parseUnicodeEscape()).utf8)
        default: throw failure(.badEscape, "unknown escape in a string", at: position - 1)
        }
    }

    mutating func parseUnicodeEscape() throws(JSONError) -> Character {
        let start = position
        let first = try parseHex4()
        if let scalar = Unicode.Scalar(first) { return Character(scalar) }
        // A high surrogate must be followed by a low one (RFC 8259 section 7); a lone half has no UTF-8 form.
        guard (0xD800..<0xDC00).contains(first), consume("\\"), consume("u") else {
            throw failure(.badEscape, "half of a surrogate pair in a string", at: start)
        }
        let second = try parseHex4()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure(.badEscape, "half of a surrogate pair in a string", at: start) }
        return Character(scalar)
    }

    mutating func parseHex4() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure(.unexpectedEnd, "a string is not closed") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure(.badEscape, "\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
