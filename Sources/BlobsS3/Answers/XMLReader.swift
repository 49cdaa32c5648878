/// An element of a store's answer: its name without a namespace, its text and what is in it.
struct XMLElement: Sendable, Hashable {
    let name: String
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLElement] = []

    fileprivate init(name: String) { self.name = name }

    /// The text of the first child of that name.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

struct XMLError: Error, Sendable, Hashable {
    let reason: String
    /// In bytes from the start.
    let position: Int
}

/// Reads the little of XML 1.0 that S3 answers are written in, and nothing more: elements, text, the predefined
/// entities and character references, CDATA. Attributes are passed over. No document types, hence no entities to expand.
struct XMLReader {
    static let deepest = 16
    static let mostElements = 50_000

    private let bytes: [UInt8]
    private var position = 0
    private var elements = 0

    /// The root element of a document in UTF-8. Blanks may stand before it, as S3 sends them to keep a connection open.
    static func root(of bytes: [UInt8]) throws(XMLError) -> XMLElement {
        var reader = XMLReader(bytes: bytes)
        if reader.skip("\u{FEFF}") {}
        reader.skipBlanks()
        if reader.skip("<?xml") { try reader.skip(through: "?>") }
        reader.skipBlanks()
        let root = try reader.element(depth: 1)
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw reader.error("something follows the document") }
        return root
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth <= Self.deepest else { throw error("too deep") }
        elements += 1
        guard elements <= Self.mostElements else { throw error("too many elements") }
        guard skip("<") else { throw error("an element is missing") }
        let fullName = try name()
        var element = XMLElement(name: fullName.split(separator: ":").last.map(String.init) ?? fullName)
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "<") where skip("</"):
                guard skip(fullName) else { throw error("an end without its beginning") }
                skipBlanks()
                guard skip(">") else { throw error("an end tag is cut") }
                guard let string = String(validating: text, as: UTF8.self) else { throw error("no UTF-8") }
                element.text = string
                return element
            case UInt8(ascii: "<") where skip("<![CDATA["):
                let start = position
                try skip(through: "]]>")
                text += bytes[start..<position - 3]
            case UInt8(ascii: "<"): element.children.append(try self.element(depth: depth + 1))
            case UInt8(ascii: "&"): text += try reference()
            default:
                text.append(byte)
                position += 1
            }
        }
        throw error("cut off")
    }

    /// To the end of a start tag.
    /// - Returns: whether the element ends there too.
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            skipBlanks()
            if skip("/>") { return true }
            if skip(">") { return false }
            _ = try name()
            skipBlanks()
            guard skip("=") else { throw error("an attribute has no value") }
            skipBlanks()
            guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                throw error("an attribute's value has no quotes")
            }
            position += 1
            while let byte = peek, byte != quote {
                guard byte != UInt8(ascii: "<") else { throw error("a tag within a tag") }
                position += 1
            }
            guard peek == quote else { throw error("cut off") }
            position += 1
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = position
        while let byte = peek, Self.isOfName(byte) { position += 1 }
        guard position > start else { throw error("a name is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// `&amp;` and its like, as UTF-8.
    private mutating func reference() throws(XMLError) -> [UInt8] {
        for (entity, character) in [("lt", "<"), ("gt", ">"), ("amp", "&"), ("quot", "\""), ("apos", "'")]
        where skip("&\(entity);") { return Array(character.utf8) }
        guard skip("&#") else { throw error("an unknown entity") }
        let isHexadecimal = skip("x")
        let start = position
        while let byte = peek, byte != UInt8(ascii: ";"), position - start < 8 { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard skip(";"), digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: isHexadecimal ? 16 : 10),
            let scalar = Unicode.Scalar(value), value != 0
        else { throw error("a character reference that is none") }
        return Array(String(scalar).utf8)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func skip(through text: String) throws(XMLError) {
        while position < bytes.count {
            if skip(text) { return }
            position += 1
        }
        throw error("cut off")
    }

    private func error(_ reason: String) -> XMLError { XMLError(reason: reason, position: position) }
}
