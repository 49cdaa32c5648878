/// Byte-pair encoding (Sennrich, Haddow and Birch 2016): a piece starts as single characters, and the pair that was
/// learned first is joined, over and over, until none is known.
struct BytePairModel: SubwordModel {
    struct Merge {
        let rank: Int32
        let id: Int32
    }

    let vocabulary: TokenTable
    /// By the two ids, the left one in the upper half.
    let merges: [UInt64: Merge]
    let unknown: Int32?
    let fusesUnknown: Bool
    /// Put before all characters but a piece's first.
    let continuingPrefix: [UInt8]
    /// Put after a piece's last character.
    let endSuffix: [UInt8]
    /// Nil when the file says that characters without a token are not spelled in bytes.
    let bytes: ByteTokens?
    /// A piece that is a token is taken whole, whatever the merges say.
    let ignoresMerges: Bool

    static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    func id(_ token: String) -> Int32? { vocabulary[token] }

    func append(_ piece: ArraySlice<Unicode.Scalar>, to ids: inout [Int32]) {
        if ignoresMerges, let id = vocabulary[piece.utf8] {
            ids.append(id)
            return
        }
        var word = MergingWord(symbols(of: piece))
        word.mergeAll(merges)
        ids += word.ids
    }

    private func symbols(of piece: ArraySlice<Unicode.Scalar>) -> [Int32] {
        var symbols: [Int32] = []
        symbols.reserveCapacity(piece.count)
        var unknowns = 0
        func flush() {
            guard let unknown, unknowns > 0 else { return }
            symbols += Array(repeating: unknown, count: fusesUnknown ? 1 : unknowns)
            unknowns = 0
        }
        for position in piece.indices {
            var spelling = CollectionOfOne(piece[position]).utf8
            if position > piece.startIndex { spelling = continuingPrefix + spelling }
            if position == piece.endIndex - 1 { spelling += endSuffix }
            if let id = vocabulary[spelling] {
                flush()
                symbols.append(id)
            } else if let spelled = bytes?.ids(of: spelling) {
                symbols += spelled
            } else {
                unknowns += 1
            }
        }
        flush()
        return symbols
    }
}

/// The tokens of one piece while they are joined: a linked list, and a heap of the pairs that could be next.
private struct MergingWord {
    private var symbols: [Int32]
    private var previous: [Int32]
    private var next: [Int32]
    private var alive: [Bool]

    private struct Candidate: Comparable {
        let rank: Int32
        let position: Int32
        let id: Int32

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, left.position) < (right.rank, right.position)
        }
    }

    init(_ ids: [Int32]) {
        symbols = ids
        previous = ids.indices.map { Int32($0) - 1 }
        next = ids.indices.map { $0 + 1 < ids.count ? Int32($0) + 1 : -1 }
        alive = Array(repeating: true, count: ids.count)
    }

    var ids: [Int32] { symbols.indices.filter { alive[$0] }.map { symbols[$0] } }

    mutating func mergeAll(_ merges: [UInt64: BytePairModel.Merge]) {
        guard symbols.count > 1 else { return }
        func candidate(_ left: Int, _ right: Int, _ symbols: [Int32]) -> Candidate? {
            merges[BytePairModel.pair(symbols[left], symbols[right])].map {
                Candidate(rank: $0.rank, position: Int32(left), id: $0.id)
            }
        }
        var heap = MinHeap((0..<symbols.count - 1).compactMap { candidate($0, $0 + 1, symbols) })
        while let top = heap.popLeast() {
            let left = Int(top.position)
            guard alive[left], next[left] >= 0 else { continue }
            let right = Int(next[left])
            // The pair may be another by now.
            guard merges[BytePairModel.pair(symbols[left], symbols[right])]?.id == top.id else { continue }
            symbols[left] = top.id
            alive[right] = false
            next[left] = next[right]
            if next[left] >= 0 {
                previous[Int(next[left])] = Int32(left)
                if let new = candidate(left, Int(next[left]), symbols) { heap.push(new) }
            }
            if previous[left] >= 0, let new = candidate(Int(previous[left]), left, symbols) { heap.push(new) }
        }
    }
}
