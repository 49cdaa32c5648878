/// The most probable cut of a piece, where each token has a probability of its own (Kudo 2018), found as Viterbi did.
struct UnigramModel: SubwordModel {
    /// What an unknown character costs beyond the least probable token.
    private static let unknownPenalty = 10.0

    private let tokens: SortedTokens
    private let scores: [Double]
    private let unknown: Int32?
    private let unknownScore: Double
    private let bytes: ByteTokens?
    private let table: TokenTable

    /// - Parameters:
    ///   - pieces: by id, each with the logarithm of its probability.
    ///   - unknown: where nil, what the vocabulary can't spell is left out.
    init(pieces: [(spelling: [UInt8], score: Double)], unknown: Int32?, byteFallback: Bool) {
        var table = TokenTable(capacity: pieces.count)
        for (id, piece) in pieces.enumerated() { table.add(piece.spelling, Int32(id)) }
        tokens = SortedTokens(pieces.enumerated().filter { !$1.spelling.isEmpty }.map { ($1.spelling, Int32($0)) })
        scores = pieces.map(\.score)
        self.unknown = unknown
        unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
        bytes = byteFallback ? ByteTokens { table[$0] } : nil
        self.table = table
    }

    func id(_ token: String) -> Int32? { table[token] }

    /// The best cut that ends at a byte: where its last token starts, and which that is.
    private struct Step {
        var score = 0.0
        var start = -1
        var id: Int32 = -1
    }

    func append(_ piece: ArraySlice<Unicode.Scalar>, to ids: inout [Int32]) {
        let text = piece.utf8
        var steps = [Step](repeating: Step(), count: text.count + 1)
        var start = 0
        for scalar in piece {
            let length = UTF8.width(scalar)
            let here = steps[start].score
            var hasSingle = false
            func offer(_ end: Int, _ id: Int32, _ score: Double) {
                if steps[end].start < 0 || score > steps[end].score {
                    steps[end] = Step(score: score, start: start, id: id)
                }
            }
            tokens.forEachPrefix(of: text[start...]) { end, id in
                offer(end, id, scores[Int(id)] + here)
                if end == start + length { hasSingle = true }
            }
            if !hasSingle { offer(start + length, unknown ?? -1, unknownScore + here) }
            start += length
        }
        ids += path(through: steps, of: text)
    }

    private func path(through steps: [Step], of text: [UInt8]) -> [Int32] {
        var reversed: [Int32] = []
        var end = text.count
        while end > 0 {
            let id = steps[end].id
            var start = steps[end].start
            if id == unknown || id < 0 {
                // Unknown neighbours are one, and are spelled in bytes where the vocabulary can.
                while start > 0, steps[start].id == id { start = steps[start].start }
                let spelling = Array(text[start..<end])
                if let known = table[spelling] {
                    reversed.append(known)
                } else if let spelled = bytes?.ids(of: spelling) {
                    reversed += spelled.reversed()
                } else if let unknown {
                    reversed.append(unknown)
                }
            } else {
                reversed.append(id)
            }
            end = start
        }
        return reversed.reversed()
    }
}

/// Tokens in the order of their bytes, for finding all that a text starts with.
struct SortedTokens: Sendable {
    private let bytes: [UInt8]
    /// Where each token starts in `bytes`, and the end.
    private let starts: [Int32]
    private let ids: [Int32]

    init(_ tokens: [([UInt8], Int32)]) {
        // Of equal spellings the last counts.
        let sorted = tokens.sorted { ($0.0.lexicographicallyPrecedes($1.0)) || ($0.0 == $1.0 && $0.1 < $1.1) }
        var bytes: [UInt8] = []
        var starts: [Int32] = [0]
        var ids: [Int32] = []
        for (index, token) in sorted.enumerated()
        where index + 1 == sorted.count || sorted[index + 1].0 != token.0 {
            bytes += token.0
            starts.append(Int32(bytes.count))
            ids.append(token.1)
        }
        (self.bytes, self.starts, self.ids) = (bytes, starts, ids)
    }

    /// Calls `found` for each token that `text` starts with, the shortest first, with the index past its end.
    func forEachPrefix(of text: ArraySlice<UInt8>, _ found: (Int, Int32) -> Void) {
        var range = 0..<ids.count
        for (depth, byte) in text.enumerated() {
            // Tokens that end here come first; they have been told already.
            if let first = range.first, length(first) == depth { range = range.dropFirst() }
            range = partition(range, depth) { $0 >= byte }..<partition(range, depth) { $0 > byte }
            guard let first = range.first else { return }
            if length(first) == depth + 1 { found(text.startIndex + depth + 1, ids[first]) }
        }
    }

    private func length(_ token: Int) -> Int { Int(starts[token + 1] - starts[token]) }

    /// The first token of the range whose byte at that depth meets the condition; they are in order.
    private func partition(_ range: Range<Int>, _ depth: Int, _ condition: (UInt8) -> Bool) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if condition(bytes[Int(starts[middle]) + depth]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
