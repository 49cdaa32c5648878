/// The tokens a text model knows: one a line, its id the line's number from 0.
struct Vocabulary: Sendable {
    let unknown: Int32
    let start: Int32
    let end: Int32
    let padding: Int32
    /// Tokens that mean themselves wherever they stand in a text, spelled as in the vocabulary.
    let special: [(spelling: String, id: Int32)]
    /// The longest token's length in bytes; nothing longer need be looked up.
    let longest: Int
    private let ids: [[UInt8]: Int32]

    private static let mostTokens = 2_000_000

    /// - Throws: `fileInvalid` when the text is no UTF-8, has too many lines, or lacks a token every text needs.
    init(text bytes: [UInt8]) throws(ModelError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .vocabulary("is not UTF-8") }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count <= Self.mostTokens else { throw .vocabulary("has more than \(Self.mostTokens) lines") }
        var ids: [[UInt8]: Int32] = [:]
        ids.reserveCapacity(lines.count)
        var longest = 0
        for (number, line) in lines.enumerated() {
            let token = Self.trimmedAtEnd(line)
            longest = max(longest, token.count)
            ids[token] = Int32(number)
        }
        func id(_ token: String) throws(ModelError) -> Int32 {
            guard let id = ids[Array(token.utf8)] else { throw .vocabulary("has no \(token)") }
            return id
        }
        unknown = try id("[UNK]")
        start = try id("[CLS]")
        end = try id("[SEP]")
        padding = try id("[PAD]")
        special = ["[UNK]", "[SEP]", "[CLS]", "[PAD]", "[MASK]"].compactMap { token in
            ids[Array(token.utf8)].map { (token, $0) }
        }
        self.longest = longest
        self.ids = ids
    }

    func id(_ token: [UInt8]) -> Int32? { ids[token] }

    private static func trimmedAtEnd(_ line: ArraySlice<UInt8>) -> [UInt8] {
        guard let last = line.last, last <= 0x20 || last >= 0x80 else { return Array(line) }
        var scalars = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return scalars.flatMap { Array(UTF8.encode($0)!) }
    }
}

extension ModelError {
    fileprivate static func vocabulary(_ fault: String) -> ModelError {
        ModelError(code: .fileInvalid, message: "The model's vocabulary \(fault).")
    }
}
