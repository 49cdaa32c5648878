@testable import Multipart

/// The grammar again, slow and plain, on bytes that are all there: what the parser is compared with.
struct NaiveParser {
    let boundary: String

    struct Part: Equatable {
        let headers: [[String]]
        let bytes: [UInt8]
    }

    func parse(_ body: [UInt8]) throws(MultipartError) -> [Part] {
        let text = [0x0D, 0x0A] + body
        guard var line = delimiter(in: text, from: 0) else { throw .boundaryNotFound }
        var parts: [Part] = []
        while !line.isFinal {
            guard let blank = Self.find([0x0D, 0x0A, 0x0D, 0x0A], in: text, from: line.end) else { throw .truncated }
            guard let headers = Self.headers(Array(text[min(line.end + 2, blank)..<blank])) else {
                throw .malformedHeaders(part: parts.count)
            }
            // An empty part's line break may be the one that ends its headers.
            guard let next = delimiter(in: text, from: blank + 2) else { throw .truncated }
            parts.append(Part(headers: headers, bytes: Array(text[min(blank + 4, next.start)..<next.start])))
            line = next
        }
        return parts
    }

    /// Where the next delimiter line starts; `end` is where its line break is, or what follows the last hyphens.
    private func delimiter(in text: [UInt8], from start: Int) -> (start: Int, end: Int, isFinal: Bool)? {
        var from = start
        while let found = Self.find(Array("\r\n--\(boundary)".utf8), in: text, from: from) {
            let rest = found + 4 + boundary.utf8.count
            if text[rest...].starts(with: "--".utf8) { return (found, rest + 2, true) }
            let blanks = text[rest...].prefix { $0 == 0x20 || $0 == 0x09 }.count
            if text[(rest + blanks)...].starts(with: "\r\n".utf8) { return (found, rest + blanks, false) }
            from = found + 1
        }
        return nil
    }

    private static func headers(_ block: [UInt8]) -> [[String]]? {
        if block.isEmpty { return [] }
        var lines: [[UInt8]] = [[]]
        var rest = block[...]
        while let byte = rest.popFirst() {
            if byte == 0x0D, rest.first == 0x0A {
                rest.removeFirst()
                lines.append([])
            } else if byte < 0x20, byte != 0x09 {
                return nil
            } else {
                lines[lines.count - 1].append(byte)
            }
        }
        var headers: [[String]] = []
        for line in lines.map({ String(decoding: $0, as: UTF8.self) }) {
            if line.hasPrefix(" ") || line.hasPrefix("\t") {
                guard let last = headers.popLast() else { return nil }
                headers.append([last[0], last[1] + " " + trimmed(line)])
            } else {
                guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return nil }
                let name = line[..<colon]
                guard !name.contains(where: { $0 == " " || $0 == "\t" }) else { return nil }
                headers.append([name.lowercased(), trimmed(String(line[line.index(after: colon)...]))])
            }
        }
        return headers
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }

    private static func find(_ needle: [UInt8], in text: [UInt8], from: Int) -> Int? {
        guard from <= text.count - needle.count else { return nil }
        return (from...(text.count - needle.count)).first { text[$0...].starts(with: needle) }
    }
}
