/// A set of image rows as a bitmap: what a filter allows a search to see. One bit a row.
public struct RowSet: Sendable, Hashable {
    /// Bit `row % 64` of word `row / 64`.
    public private(set) var words: [UInt64]
    public private(set) var count: Int

    public init() {
        words = []
        count = 0
    }

    public init(_ rows: some Sequence<ImageRow>) {
        self.init()
        for row in rows { insert(row) }
    }

    public mutating func insert(_ row: ImageRow) {
        precondition(row >= 0)
        let word = Int(row / 64)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        let bit = UInt64(1) << UInt64(row % 64)
        if words[word] & bit == 0 {
            words[word] |= bit
            count += 1
        }
    }

    public func contains(_ row: ImageRow) -> Bool {
        let word = Int(row / 64)
        return row >= 0 && word < words.count && words[word] & (UInt64(1) << UInt64(row % 64)) != 0
    }
}
