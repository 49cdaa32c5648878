import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds the lines that separate parts: CRLF, two hyphens, the boundary, then either two more hyphens or blanks and CRLF
/// (RFC 2046 section 5.1.1).
struct Delimiter: Sendable {
    /// `\r\n--boundary`
    let bytes: [UInt8]

    init(boundary: String) { bytes = Array("\r\n--\(boundary)".utf8) }

    enum Match: Equatable {
        /// None begins in the first `safe` bytes; what follows them may turn out to be one when more bytes are there.
        case none(safe: Int)
        /// One begins at `offset`. `length` includes the last hyphens but neither the padding's CRLF nor what follows.
        case found(offset: Int, length: Int, final: Bool)
    }

    /// The first delimiter line. Jumps from CR to CR, so that the bytes of an image cost little.
    func search(_ buffer: ByteBuffer) -> Match {
        buffer.withUnsafeReadableBytes { all in
            guard let base = all.baseAddress else { return .none(safe: 0) }
            var position = 0
            while position < all.count, let hit = memchr(base + position, 0x0D, all.count - position) {
                let offset = UnsafeRawPointer(hit) - base
                let known = min(bytes.count, all.count - offset)
                let matches = bytes.withUnsafeBytes { memcmp(base + offset, $0.baseAddress!, known) == 0 }
                guard matches else {
                    position = offset + 1
                    continue
                }
                guard known == bytes.count else { return .none(safe: offset) }
                switch Self.rest(UnsafeRawBufferPointer(rebasing: all[(offset + known)...])) {
                case .notEnough: return .none(safe: offset)
                case .data: position = offset + 1
                case .next(let padding): return .found(offset: offset, length: known + padding, final: false)
                case .final: return .found(offset: offset, length: known + 2, final: true)
                }
            }
            return .none(safe: all.count)
        }
    }

    private enum Rest { case notEnough, data, next(padding: Int), final }

    /// What stands after the boundary on its line. Something else than the rules allow means that the line belongs to
    /// the part: the boundary of a form within the form may begin like this one's.
    private static func rest(_ bytes: UnsafeRawBufferPointer) -> Rest {
        guard let first = bytes.first else { return .notEnough }
        if first == UInt8(ascii: "-") {
            return bytes.count < 2 ? .notEnough : bytes[1] == UInt8(ascii: "-") ? .final : .data
        }
        var padding = 0
        while padding < bytes.count, bytes[padding] == 0x20 || bytes[padding] == 0x09 { padding += 1 }
        guard padding <= MultipartLimits.paddingBytes else { return .data }
        guard padding < bytes.count else { return .notEnough }
        guard bytes[padding] == 0x0D else { return .data }
        guard padding + 1 < bytes.count else { return .notEnough }
        return bytes[padding + 1] == 0x0A ? .next(padding: padding) : .data
    }
}
