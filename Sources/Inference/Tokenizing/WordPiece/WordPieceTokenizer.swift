/// Turns text into the token ids of a BERT-like model, as the reference implementation (PyPI `tokenizers`,
/// `BertWordPieceTokenizer`) does: each word is cut greedily into the longest pieces the vocabulary has
/// (Schuster and Nakajima 2012; Devlin et al. 2018).
public struct WordPieceTokenizer: Sendable {
    /// Longer words, in scalars, become `[UNK]`.
    static let longestWord = 100

    /// The most ids a text is cut to, `[CLS]` and `[SEP]` counted in.
    public let contextLength: Int
    /// What fills up the shorter texts of a batch.
    public var padding: Int32 { vocabulary.padding }
    private let vocabulary: Vocabulary
    private let words: BERTWords

    /// - Parameters:
    ///   - vocabulary: the bytes of a `vocab.txt`: one token a line.
    ///   - contextLength: at least 2.
    /// - Throws: `ModelError.Code.fileInvalid`
    public init(vocabulary: [UInt8], lowercase: Bool, stripAccents: Bool, contextLength: Int) throws(ModelError) {
        precondition(contextLength >= 2)
        self.vocabulary = try Vocabulary(text: vocabulary)
        self.contextLength = contextLength
        words = BERTWords(lowercase: lowercase, stripAccents: stripAccents)
    }

    /// `[CLS]`, the text's tokens as far as they fit, `[SEP]`. Time and memory are linear in the text up to there.
    public func ids(_ text: String) -> [Int32] {
        var ids = [vocabulary.start]
        let full = contextLength - 1
        var rest = Substring(text).unicodeScalars
        while ids.count < full {
            let (plain, special, remainder) = cutAtSpecial(rest)
            words.forEach(in: plain) { word in
                appendPieces(of: word, to: &ids)
                return ids.count < full
            }
            guard let special else { break }
            ids.append(special)
            rest = remainder
        }
        return ids.prefix(full) + [vocabulary.end]
    }

    /// What stands before the first special token, that token, and what follows it.
    private func cutAtSpecial(
        _ text: Substring.UnicodeScalarView
    ) -> (plain: Substring.UnicodeScalarView, special: Int32?, rest: Substring.UnicodeScalarView) {
        var start = text.startIndex
        while let bracket = text[start...].firstIndex(of: "[") {
            for (spelling, id) in vocabulary.special where text[bracket...].starts(with: spelling.unicodeScalars) {
                let end = text.index(bracket, offsetBy: spelling.unicodeScalars.count)
                return (text[..<bracket], id, text[end...])
            }
            start = text.index(after: bracket)
        }
        return (text, nil, text[text.endIndex...])
    }

    private func appendPieces(of word: [Unicode.Scalar], to ids: inout [Int32]) {
        guard word.count <= Self.longestWord else {
            ids.append(vocabulary.unknown)
            return
        }
        var bytes: [UInt8] = []
        // Where each scalar starts in `bytes`, and the end: a piece is never cut within one.
        var bounds = [0]
        for scalar in word {
            bytes += UTF8.encode(scalar)!
            bounds.append(bytes.count)
        }
        let before = ids.count
        var start = 0
        while start < word.count {
            let prefix: [UInt8] = start == 0 ? [] : [UInt8(ascii: "#"), UInt8(ascii: "#")]
            var end = word.count
            var found: Int32?
            while end > start {
                if prefix.count + bounds[end] - bounds[start] <= vocabulary.longest {
                    found = vocabulary.id(prefix + bytes[bounds[start]..<bounds[end]])
                    if found != nil { break }
                }
                end -= 1
            }
            guard let found else {
                ids.removeSubrange(before...)
                ids.append(vocabulary.unknown)
                return
            }
            ids.append(found)
            start = end
        }
    }
}
