/// Longest match first (Schuster and Nakajima 2012): a word is cut greedily into the longest tokens there are.
struct LongestMatchModel: SubwordModel {
    let vocabulary: TokenTable
    let unknown: Int32
    let continuingPrefix: [UInt8]
    /// Longer words, in scalars, are unknown.
    let longestWord: Int

    func id(_ token: String) -> Int32? { vocabulary[token] }

    func append(_ piece: ArraySlice<Unicode.Scalar>, to ids: inout [Int32]) {
        guard piece.count <= longestWord else {
            ids.append(unknown)
            return
        }
        let before = ids.count
        var start = piece.startIndex
        while start < piece.endIndex {
            let prefix = start == piece.startIndex ? [] : continuingPrefix
            var end = piece.endIndex
            var found: Int32?
            while end > start {
                found = vocabulary[prefix + piece[start..<end].utf8]
                if found != nil { break }
                end -= 1
            }
            guard let found else {
                ids.removeSubrange(before...)
                ids.append(unknown)
                return
            }
            ids.append(found)
            start = end
        }
    }
}

/// A vocabulary of whole words.
struct WholeWordModel: SubwordModel {
    let vocabulary: TokenTable
    let unknown: Int32

    func id(_ token: String) -> Int32? { vocabulary[token] }

    func append(_ piece: ArraySlice<Unicode.Scalar>, to ids: inout [Int32]) {
        ids.append(vocabulary[piece.utf8] ?? unknown)
    }
}
