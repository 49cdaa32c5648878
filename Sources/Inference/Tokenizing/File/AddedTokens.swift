/// Tokens that are looked for in the text before anything else is done to it, or after it was normalized.
struct AddedTokens: Sendable {
    struct Token: Sendable {
        let content: Scalars
        let id: Int32
        /// Only where it does not touch word characters.
        let isSingleWord: Bool
        /// Takes the spaces on that side along.
        let stripsLeft: Bool
        let stripsRight: Bool
    }

    /// A part of a text: a token, or what lies between two.
    enum Part {
        case token(Int32)
        case text(ArraySlice<Unicode.Scalar>)
    }

    /// By first character, the longest first.
    private let tokens: [Unicode.Scalar: [Token]]

    init(_ tokens: [Token]) {
        self.tokens = Dictionary(grouping: tokens.filter { !$0.content.isEmpty }) { $0.content[0] }
            .mapValues { $0.sorted { $0.content.count > $1.content.count } }
    }

    func split(_ text: ArraySlice<Unicode.Scalar>) -> [Part] {
        guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(text)] }
        var parts: [Part] = []
        // Where the text not handed out yet starts.
        var rest = text.startIndex
        var position = text.startIndex
        while position < text.endIndex {
            guard
                let token = tokens[text[position]]?.first(where: { text[position...].starts(with: $0.content) })
            else {
                position += 1
                continue
            }
            var (start, end) = (position, position + token.content.count)
            position = end
            if token.isSingleWord {
                let touchesLeft = start > text.startIndex && ScalarProperty.strictWord.holds(text[start - 1])
                let touchesRight = end < text.endIndex && ScalarProperty.strictWord.holds(text[end])
                if touchesLeft || touchesRight { continue }
            }
            if token.stripsLeft { while start > rest, text[start - 1].properties.isWhitespace { start -= 1 } }
            if token.stripsRight { while end < text.endIndex, text[end].properties.isWhitespace { end += 1 } }
            if rest < start { parts.append(.text(text[rest..<start])) }
            parts.append(.token(token.id))
            rest = end
            position = max(position, end)
        }
        if rest < text.endIndex { parts.append(.text(text[rest...])) }
        return parts
    }
}
