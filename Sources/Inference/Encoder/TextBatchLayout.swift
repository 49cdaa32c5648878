/// How texts of many lengths are laid out in batches of few shapes.
struct TextBatchLayout: Hashable {
    /// Where the graph leaves an axis free, nil.
    let fixedRows: Int?
    let fixedLength: Int?
    let contextLength: Int

    /// One computation: `rows` x `length` ids, of which the first rows are these texts.
    struct Batch: Hashable {
        let texts: [Int]
        let rows: Int
        let length: Int
    }

    private static let mostRows = 32
    private static let lengthStep = 8

    /// Every text once, the shortest first, each in a batch that is long enough for it.
    func batches(lengths: [Int]) -> [Batch] {
        var batches: [Batch] = []
        let most = fixedRows ?? Self.mostRows
        let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        var rest = order[...]
        while let first = rest.first {
            let length = paddedLength(lengths[first])
            let texts = Array(rest.prefix(most).prefix { lengths[$0] <= length })
            batches.append(Batch(texts: texts, rows: fixedRows ?? paddedRows(texts.count), length: length))
            rest = rest.dropFirst(texts.count)
        }
        return batches
    }

    private func paddedLength(_ length: Int) -> Int {
        fixedLength ?? min((length + Self.lengthStep - 1) / Self.lengthStep * Self.lengthStep, contextLength)
    }

    /// The next power of two.
    private func paddedRows(_ count: Int) -> Int {
        count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}
