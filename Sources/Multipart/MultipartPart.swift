/// The headers of one part of a form (RFC 7578 section 4).
public struct MultipartPart: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        /// In lower case.
        public let name: String
        public let value: String
    }

    public let headers: [Header]
    /// The form field it belongs to; nil when its `Content-Disposition` does not say.
    public let name: String?
    /// The client's name for the file, as it was sent: a hint that may be a path or hold any character.
    public let fileName: String?

    init?(headers: [Header]) {
        self.headers = headers
        guard let disposition = headers.first(where: { $0.name == "content-disposition" }) else {
            name = nil
            fileName = nil
            return
        }
        guard let value = ParameterizedValue(parsing: disposition.value) else { return nil }
        name = value.text("name").map(Self.unescape)
        fileName = value.text("filename").map(Self.unescape)
    }

    /// The value of a header; of a repeated one the first.
    public subscript(header name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// What browsers do to the characters that would end a quoted string or a line (HTML section 4.10.21.8).
    private static func unescape(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            let escapes: [(String, UInt8)] = [("%22", 0x22), ("%0D", 0x0D), ("%0A", 0x0A)]
            if byte == UInt8(ascii: "%"), let (escape, value) = escapes.first(where: { rest.starts(with: $0.0.utf8) }) {
                bytes.append(value)
                rest.removeFirst(escape.utf8.count)
            } else {
                bytes.append(byte)
                rest.removeFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MultipartPart {
    /// Reads header lines without the blank line that ends them. A line that begins with a blank continues the one
    /// before it (RFC 5322 section 2.2.3).
    init?(block: [UInt8]) {
        var headers: [Header] = []
        for line in Self.lines(block) {
            if line.first == 0x20 || line.first == 0x09 {
                guard let last = headers.popLast() else { return nil }
                headers.append(Header(name: last.name, value: last.value + " " + Self.trimmed(line)))
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            headers.append(
                Header(
                    name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                    value: Self.trimmed(line[(colon + 1)...])))
        }
        self.init(headers: headers)
    }

    /// The lines between CRLFs; none when a line holds a control character.
    private static func lines(_ block: [UInt8]) -> [ArraySlice<UInt8>] {
        guard !block.isEmpty else { return [] }
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var position = 0
        while position < block.count {
            if block[position] == 0x0D, position + 1 < block.count, block[position + 1] == 0x0A {
                lines.append(block[start..<position])
                position += 2
                start = position
            } else {
                // A lone CR, LF or NUL is nobody's file name: refuse the block by a line that is no header.
                if block[position] < 0x20, block[position] != 0x09 { return [block[0..<0]] }
                position += 1
            }
        }
        lines.append(block[start...])
        return lines
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
