/// Ids of tokens by their spelling, byte for byte.
struct TokenTable: Sendable {
    private struct Key: Hashable {
        let bytes: [UInt8]

        func hash(into hasher: inout Hasher) {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private var ids: [Key: Int32] = [:]
    /// The longest token's length in bytes; nothing longer need be looked up.
    private(set) var longest = 0

    init(capacity: Int) { ids.reserveCapacity(capacity) }

    var count: Int { ids.count }

    /// A repeated spelling keeps its last id.
    mutating func add(_ token: [UInt8], _ id: Int32) {
        longest = max(longest, token.count)
        ids[Key(bytes: token)] = id
    }

    subscript(token: [UInt8]) -> Int32? { token.count > longest ? nil : ids[Key(bytes: token)] }
    subscript(token: String) -> Int32? { self[Array(token.utf8)] }
}

/// Ids of `<0x00>` ... `<0xFF>`, which spell what a vocabulary has no token for.
struct ByteTokens: Sendable {
    private let ids: [Int32?]

    init(_ find: (String) -> Int32?) {
        ids = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return find("<0x\(digits.count == 1 ? "0" : "")\(digits)>")
        }
    }

    /// Nil unless all of them are there.
    func ids(of bytes: some Sequence<UInt8>) -> [Int32]? {
        var result: [Int32] = []
        for byte in bytes {
            guard let id = ids[Int(byte)] else { return nil }
            result.append(id)
        }
        return result
    }
}
