import Foundation

/// Takes a `multipart/form-data` body apart, by the letter of RFC 7578 and RFC 2046 and with no forgiveness.
enum FakeMultipart {
    struct Part {
        let name: String
        let fileName: String?
        let bytes: [UInt8]
    }
    struct Malformed: Error {}

    static func parts(of body: [UInt8], contentType: String) throws -> [Part] {
        let mark = "boundary="
        guard contentType.hasPrefix("multipart/form-data; \(mark)"), let range = contentType.range(of: mark) else {
            throw Malformed()
        }
        let delimiter = Array("\r\n--\(contentType[range.upperBound...])".utf8)
        // A line's end before the body makes the first delimiter like the others.
        var rest = (Array("\r\n".utf8) + body)[...]
        guard rest.starts(with: delimiter) else { throw Malformed() }
        rest = rest.dropFirst(delimiter.count)
        var parts: [Part] = []
        while !rest.starts(with: Array("--".utf8)) {
            guard rest.starts(with: Array("\r\n".utf8)), let end = rest.firstRange(of: delimiter) else { throw Malformed() }
            let part = rest[(rest.startIndex + 2)..<end.lowerBound]
            guard let blank = part.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Malformed() }
            let head = String(decoding: part[..<blank.lowerBound], as: UTF8.self)
            guard let name = value("name", in: head) else { throw Malformed() }
            parts.append(
                Part(name: name, fileName: value("filename", in: head), bytes: Array(part[blank.upperBound...])))
            rest = rest[end.upperBound...]
        }
        guard Array(rest) == Array("--\r\n".utf8) else { throw Malformed() }
        return parts
    }

    private static func value(_ parameter: String, in head: String) -> String? {
        guard let start = head.range(of: "; \(parameter)=\"") else { return nil }
        let rest = head[start.upperBound...]
        return rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
    }
}
