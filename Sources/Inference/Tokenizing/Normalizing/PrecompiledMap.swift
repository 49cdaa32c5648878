import Foundation

/// SentencePiece's own normalization: a table of replacements in a double-array trie (Aoe 1989), as
/// `precompiled_charsmap` carries it.
struct PrecompiledMap: Sendable {
    private let units: [UInt32]
    /// Replacements, each ended by a zero byte.
    private let replacements: [UInt8]

    /// - Parameter base64: the trie's length in bytes (32 bits, little-endian), the trie, the replacements.
    /// - Returns: nil when the text is no such table.
    init?(base64: String) {
        guard let data = Data(base64Encoded: base64), data.count >= 8 else { return nil }
        let bytes = [UInt8](data)
        func unit(_ at: Int) -> UInt32 {
            UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24
        }
        let size = Int(unit(0))
        guard size > 0, size % 4 == 0, size <= bytes.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + size, by: 4).map(unit)
        replacements = Array(bytes[(4 + size)...])
        guard String(validating: replacements, as: UTF8.self) != nil else { return nil }
    }

    /// Replaces what the table knows. As the reference does, characters that people see as one are looked up together
    /// while they are short, and the shortest entry they start with stands for all of them.
    func apply(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for character in text.text {
            let scalars = character.unicodeScalars
            let spelling = scalars.utf8
            if spelling.count < 6, let replacement = replacement(spelling) {
                result += replacement
                continue
            }
            for scalar in scalars {
                if let replacement = replacement(CollectionOfOne(scalar).utf8) {
                    result += replacement
                } else {
                    result.append(scalar)
                }
            }
        }
        return result
    }

    /// What the shortest entry that `key` starts with becomes.
    private func replacement(_ key: [UInt8]) -> Scalars? {
        guard var place = offset(at: 0) else { return nil }
        for byte in key where byte != 0 {
            place ^= Int(byte)
            guard place < units.count, units[place] & (1 << 31 | 0xFF) == UInt32(byte) else { return nil }
            let hasLeaf = units[place] >> 8 & 1 == 1
            guard let below = offset(at: place) else { return nil }
            place ^= below
            if hasLeaf {
                guard place < units.count else { return nil }
                return text(at: Int(units[place] & ~(1 << 31)))
            }
        }
        return nil
    }

    private func offset(at place: Int) -> Int? {
        guard place < units.count else { return nil }
        let unit = units[place]
        return Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
    }

    private func text(at start: Int) -> Scalars? {
        guard start <= replacements.count else { return nil }
        return Scalars(String(decoding: replacements[start...].prefix { $0 != 0 }, as: UTF8.self))
    }
}
