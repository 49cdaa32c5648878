import NIOCore

@testable import Multipart

/// One part of a form with all its bytes.
struct ParsedPart: Equatable {
    var part: MultipartPart
    var bytes: [UInt8]
    var name: String? { part.name }
    var fileName: String? { part.fileName }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Parses a body that arrives in these pieces, and checks that the events come in an order that makes sense.
func parse(
    _ pieces: some Sequence<some Sequence<UInt8>>, boundary: String = "b", limits: MultipartLimits = MultipartLimits()
) throws(MultipartError) -> [ParsedPart] {
    var parser = try MultipartParser(boundary: boundary, limits: limits)
    var parts: [ParsedPart] = []
    var isOpen = false
    var isAtEnd = false
    for piece in pieces {
        parser.push(ByteBuffer(bytes: piece))
        while let event = try parser.next() {
            precondition(!isAtEnd, "an event after the end")
            switch event {
            case .part(let part):
                precondition(!isOpen)
                isOpen = true
                parts.append(ParsedPart(part: part, bytes: []))
            case .body(let bytes):
                precondition(isOpen && bytes.readableBytes > 0)
                parts[parts.count - 1].bytes += Array(bytes.readableBytesView)
            case .partEnd:
                precondition(isOpen)
                isOpen = false
            case .end:
                precondition(!isOpen)
                isAtEnd = true
            }
        }
    }
    try parser.finish()
    precondition(isAtEnd)
    return parts
}

func parse(
    _ body: String, boundary: String = "b", limits: MultipartLimits = MultipartLimits()
) throws(MultipartError) -> [ParsedPart] {
    try parse([Array(body.utf8)], boundary: boundary, limits: limits)
}

/// What parsing fails with; nil when it does not.
func failure(
    _ body: String, boundary: String = "b", limits: MultipartLimits = MultipartLimits()
) -> MultipartError? {
    do throws(MultipartError) {
        _ = try parse(body, boundary: boundary, limits: limits)
        return nil
    } catch { return error }
}

/// A part with a disposition, written out.
func part(_ disposition: String, _ content: String = "", boundary: String = "b") -> String {
    "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(content)\r\n"
}
