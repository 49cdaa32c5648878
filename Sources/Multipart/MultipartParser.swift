import NIOCore

/// What a form consists of, in the order it comes: `part`, any number of `body`, `partEnd`, ... and `end`.
public enum MultipartEvent: Sendable, Hashable {
    case part(MultipartPart)
    /// The next bytes of the current part. Never empty.
    case body(ByteBuffer)
    case partEnd
    /// The final boundary. What comes after it is ignored.
    case end
}

/// Takes a form apart as its bytes arrive (RFC 7578, RFC 2046 section 5.1): push bytes, take events until there is none,
/// push more, and say when the bytes are at an end. No input or output, no clock, no tasks.
///
/// It holds what was pushed last, and from one push to the next no more than one part's headers or one delimiter line.
public struct MultipartParser: Sendable {
    private enum State { case preamble, headers, body, finished }

    private let delimiter: Delimiter
    private let limits: MultipartLimits
    private var state = State.preamble
    private var buffer: ByteBuffer
    /// Bytes at the start of the buffer that are no data but belong to a CRLF already read: a delimiter may follow at
    /// once, and every delimiter begins with CRLF.
    private var overlap = 2
    private var preamble = 0
    private var headersScanned = 0
    private var parts = 0
    private var pendingEnd = false

    /// - Parameter boundary: as `boundary(contentType:)` gives it.
    public init(boundary: String, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
        guard Self.isBoundary(boundary) else { throw .invalidBoundary }
        delimiter = Delimiter(boundary: boundary)
        self.limits = limits
        buffer = ByteBuffer(string: "\r\n")
    }

    /// The boundary a content type names; nil when it is no `multipart/form-data`.
    public static func boundary(contentType: String) throws(MultipartError) -> String? {
        guard let value = ParameterizedValue(parsing: contentType) else {
            if contentType.lowercased().hasPrefix("multipart/form-data") { throw .invalidBoundary }
            return nil
        }
        guard value.value == "multipart/form-data" else { return nil }
        guard let boundary = value.parameters["boundary"], isBoundary(boundary) else { throw .invalidBoundary }
        return boundary
    }

    /// RFC 2046 allows fewer characters; clients use more, and any visible one is safe.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && text.utf8.last != 0x20
    }

    /// Adds the next bytes of the body. Take all events first, or what is left is copied.
    public mutating func push(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next event, or nil when more bytes are needed first.
    public mutating func next() throws(MultipartError) -> MultipartEvent? {
        switch state {
        case .preamble: return try skipPreamble()
        case .headers: return try readHeaders()
        case .body: return try readBody()
        case .finished:
            buffer = ByteBuffer()
            defer { pendingEnd = false }
            return pendingEnd ? .end : nil
        }
    }

    /// Says that no more bytes come.
    public func finish() throws(MultipartError) {
        switch state {
        case .finished: return
        case .preamble: throw .boundaryNotFound
        case .headers, .body: throw .truncated
        }
    }

    private mutating func skipPreamble() throws(MultipartError) -> MultipartEvent? {
        switch delimiter.search(buffer) {
        case .none(let safe):
            buffer.moveReaderIndex(forwardBy: safe)
            try countPreamble(safe)
            return nil
        case .found(let offset, let length, let final):
            try countPreamble(offset)
            try pass(offset + length, final: final)
            return try next()
        }
    }

    private mutating func countPreamble(_ bytes: Int) throws(MultipartError) {
        preamble += bytes
        // The first two are ours.
        guard preamble <= limits.preambleBytes + 2 else { throw .preambleTooLong(limit: limits.preambleBytes) }
    }

    /// Goes past a delimiter. The CRLF that ends its line stays, to be the start of the headers.
    private mutating func pass(_ length: Int, final: Bool) throws(MultipartError) {
        buffer.moveReaderIndex(forwardBy: length)
        if final {
            state = .finished
            pendingEnd = true
        } else {
            guard parts < limits.parts else { throw .tooManyParts(limit: limits.parts) }
            parts += 1
            state = .headers
            headersScanned = 0
        }
    }

    /// CRLF, header lines each with CRLF, CRLF: the first CRLF ended the delimiter's line, and the last one stays, to be
    /// the start of a delimiter where the part is empty.
    private mutating func readHeaders() throws(MultipartError) -> MultipartEvent? {
        guard let end = buffer.readableBytesView.dropFirst(headersScanned).firstBlankLine else {
            headersScanned = max(0, buffer.readableBytes - 3)
            // With the first CRLF and all but the last byte of the blank line.
            guard buffer.readableBytes <= limits.headerBytes + 5 else {
                throw .headersTooLarge(part: parts - 1, limit: limits.headerBytes)
            }
            return nil
        }
        let length = end - buffer.readerIndex
        guard length - 2 <= limits.headerBytes else {
            throw .headersTooLarge(part: parts - 1, limit: limits.headerBytes)
        }
        let block = length > 2 ? buffer.getBytes(at: buffer.readerIndex + 2, length: length - 2) ?? [] : []
        guard let part = MultipartPart(block: block) else { throw .malformedHeaders(part: parts - 1) }
        buffer.moveReaderIndex(forwardBy: length + 2)
        overlap = 2
        state = .body
        return .part(part)
    }

    private mutating func readBody() throws(MultipartError) -> MultipartEvent? {
        switch delimiter.search(buffer) {
        case .none(let safe):
            return takeData(upTo: safe).map { .body($0) }
        case .found(let offset, let length, let final):
            if let data = takeData(upTo: offset) { return .body(data) }
            try pass(length, final: final)
            overlap = 0
            return .partEnd
        }
    }

    /// The data before `end`, which is counted from the buffer's start; nil when there is none.
    private mutating func takeData(upTo end: Int) -> ByteBuffer? {
        guard end >= overlap else { return nil }
        buffer.moveReaderIndex(forwardBy: overlap)
        let length = end - overlap
        overlap = 0
        return length > 0 ? buffer.readSlice(length: length) : nil
    }
}

extension ByteBufferView {
    /// Where CRLF CRLF begins.
    fileprivate var firstBlankLine: Int? {
        var rest = self[...]
        while let hit = rest.firstIndex(of: 0x0D) {
            if self[hit...].prefix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) { return hit }
            rest = self[(hit + 1)...]
        }
        return nil
    }
}
