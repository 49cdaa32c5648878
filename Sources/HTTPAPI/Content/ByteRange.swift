/// The part of a representation that a `Range` header asks for (RFC 9110 section 14.2).
enum ByteRange: Equatable {
    /// No range, several, or one that makes no sense: all of it is sent, as the RFC allows.
    case whole
    case part(Range<Int64>)
    /// The range starts past the end: 416.
    case unsatisfiable

    /// - Parameters:
    ///   - header: for instance `bytes=0-1023`, `bytes=1024-` or `bytes=-500`.
    ///   - size: bytes of the whole.
    init(_ header: String?, size: Int64) {
        guard let header, header.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " && $0 != "\t" } }
        guard bounds.count == 2, !header.contains(","), bounds.allSatisfy(Self.isDigits) else {
            self = .whole
            return
        }
        // Digits beyond 64 bits mean "further than any file".
        let (first, last) = (Int64(bounds[0]), Int64(bounds[1]))
        switch (bounds[0].isEmpty, bounds[1].isEmpty) {
        case (true, true): self = .whole
        case (true, false):
            let count = min(last ?? size, size)
            self = count == 0 ? .unsatisfiable : .part(size - count..<size)
        case (false, true):
            guard let first, first < size else {
                self = .unsatisfiable
                return
            }
            self = .part(first..<size)
        case (false, false):
            guard let first, first < size else {
                self = .unsatisfiable
                return
            }
            let end = last.map { min($0, size - 1) } ?? size - 1
            self = end < first ? .whole : .part(first..<end + 1)
        }
    }

    private static func isDigits(_ text: String) -> Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
}
