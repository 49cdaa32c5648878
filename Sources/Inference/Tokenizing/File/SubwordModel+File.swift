import Domain

/// Reads the member `model` of a tokenizer file.
enum SubwordModelFile {
    private static let mostTokens = 2_000_000

    static func model(_ part: TokenizerPart) throws(ModelError) -> any SubwordModel {
        // Old files leave the kind out.
        let type = try part.string("type", default: part.value("merges") == nil ? "WordPiece" : "BPE")
        switch type {
        case "BPE": return try bytePair(part)
        case "Unigram": return try unigram(part)
        case "WordPiece":
            try part.expect(
                ["type", "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"], in: type)
            let vocabulary = try vocabulary(part)
            let longest = part.value("max_input_chars_per_word") ?? 100
            guard let longest = longest.number?.int, (1...100_000).contains(longest) else {
                throw part.fault("has a max_input_chars_per_word that is none")
            }
            return LongestMatchModel(
                vocabulary: vocabulary, unknown: try unknown(part, vocabulary, default: "[UNK]"),
                continuingPrefix: Array(try part.string("continuing_subword_prefix", default: "##").utf8),
                longestWord: longest)
        case "WordLevel":
            try part.expect(["type", "vocab", "unk_token"], in: type)
            let vocabulary = try vocabulary(part)
            return WholeWordModel(
                vocabulary: vocabulary, unknown: try unknown(part, vocabulary, default: "<unk>"))
        default: throw part.fault("is of a kind that is not known, \(type)")
        }
    }

    private static func vocabulary(_ part: TokenizerPart) throws(ModelError) -> TokenTable {
        guard let tokens = part.value("vocab")?.object, tokens.count <= mostTokens else {
            throw part.fault("needs a vocab of at most \(mostTokens) tokens")
        }
        var table = TokenTable(capacity: tokens.count)
        for (token, id) in tokens.members {
            guard let id = id.number?.int, (0..<Int(Int32.max)).contains(id) else {
                throw part.fault("has a token whose id is none")
            }
            table.add(Array(token.utf8), Int32(id))
        }
        return table
    }

    private static func unknown(
        _ part: TokenizerPart, _ vocabulary: TokenTable, default standard: String
    ) throws(ModelError) -> Int32 {
        guard let id = vocabulary[try part.string("unk_token", default: standard)] else {
            throw part.fault("has an unk_token that is no token")
        }
        return id
    }

    private static func bytePair(_ part: TokenizerPart) throws(ModelError) -> BytePairModel {
        try part.expect(
            [
                "type", "vocab", "merges", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                "fuse_unk", "byte_fallback", "ignore_merges",
            ], in: "BPE")
        if let dropout = part.value("dropout"), dropout.number?.double != 0 {
            throw part.fault("has a dropout, which gives other ids each time")
        }
        let vocabulary = try vocabulary(part)
        let unknown = part.value("unk_token") == nil ? nil : try unknown(part, vocabulary, default: "")
        let prefix = Array(try part.string("continuing_subword_prefix", default: "").utf8)
        return BytePairModel(
            vocabulary: vocabulary, merges: try merges(part, vocabulary, prefix: prefix), unknown: unknown,
            fusesUnknown: try part.bool("fuse_unk", default: false), continuingPrefix: prefix,
            endSuffix: Array(try part.string("end_of_word_suffix", default: "").utf8),
            bytes: try part.bool("byte_fallback", default: false) ? ByteTokens { vocabulary[$0] } : nil,
            ignoresMerges: try part.bool("ignore_merges", default: false))
    }

    /// Each merge is `"LEFT RIGHT"` or `["LEFT", "RIGHT"]`, the first learned first.
    private static func merges(
        _ part: TokenizerPart, _ vocabulary: TokenTable, prefix: [UInt8]
    ) throws(ModelError) -> [UInt64: BytePairModel.Merge] {
        guard let list = part.value("merges")?.array, list.count <= mostTokens else {
            throw part.fault("needs at most \(mostTokens) merges")
        }
        var merges: [UInt64: BytePairModel.Merge] = [:]
        merges.reserveCapacity(list.count)
        for (rank, merge) in list.enumerated() {
            let sides =
                merge.string.map { $0.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init) }
                ?? merge.array?.compactMap { $0.string.map { Array($0.utf8) } } ?? []
            guard sides.count == 2, let left = vocabulary[sides[0]], let right = vocabulary[sides[1]],
                let joined = vocabulary[sides[0] + sides[1].dropFirst(prefix.count)]
            else { throw part.fault("has a merge (\(rank)) of what are no tokens") }
            merges[BytePairModel.pair(left, right)] = .init(rank: Int32(rank), id: joined)
        }
        return merges
    }

    private static func unigram(_ part: TokenizerPart) throws(ModelError) -> UnigramModel {
        try part.expect(["type", "vocab", "unk_id", "byte_fallback"], in: "Unigram")
        guard let list = part.value("vocab")?.array, list.count <= mostTokens else {
            throw part.fault("needs a vocab of at most \(mostTokens) tokens")
        }
        let pieces = list.compactMap { entry -> ([UInt8], Double)? in
            guard let pair = entry.array, pair.count == 2, let token = pair[0].string,
                let score = pair[1].number?.double, score.isFinite
            else { return nil }
            return (Array(token.utf8), score)
        }
        guard pieces.count == list.count else { throw part.fault("has a token without a score") }
        // Without an id for the unknown the reference fails on the first such character.
        guard let unknown = part.value("unk_id")?.number?.int, pieces.indices.contains(unknown) else {
            throw part.fault("needs an unk_id that is a token")
        }
        return UnigramModel(
            pieces: pieces, unknown: Int32(unknown), byteFallback: try part.bool("byte_fallback", default: false))
    }
}
