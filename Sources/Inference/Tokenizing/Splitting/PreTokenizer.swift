/// How a normalized text is cut into the pieces that the model cuts further, each step as the reference package names it.
indirect enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    case byteLevel(prefixesSpace: Bool, splits: Bool)
    case bert
    case whitespace
    case whitespaceSplit
    case punctuation(SplitBehavior)
    case digits(individual: Bool)
    case split(Pattern, SplitBehavior, inverted: Bool)
    case delimiter(Unicode.Scalar)
    case metaspace(Unicode.Scalar, MetaspacePrefix, splits: Bool)

    enum MetaspacePrefix: String, Sendable, CaseIterable { case always, first, never }

    /// A part of the text.
    struct Piece: Sendable {
        var scalars: ArraySlice<Unicode.Scalar>
        /// Whether the text begins with it.
        var isFirst: Bool
    }

    func apply(_ pieces: [Piece]) -> [Piece] {
        switch self {
        case .sequence(let steps): steps.reduce(pieces) { $1.apply($0) }
        case .byteLevel(let prefixesSpace, let splits):
            pieces.flatMap { Self.byteLevel($0, prefixesSpace: prefixesSpace, splits: splits) }
        case .bert:
            pieces
                .flatMap { SplitBehavior.removed.cut($0) { $0.properties.isWhitespace } }
                .flatMap { SplitBehavior.isolated.cut($0, where: BERTCharacters.isPunctuation) }
        case .whitespace: pieces.flatMap { SplitBehavior.removed.cut($0, matches: Self.words($0), inverted: true) }
        case .whitespaceSplit: pieces.flatMap { SplitBehavior.removed.cut($0) { $0.properties.isWhitespace } }
        case .punctuation(let behavior): pieces.flatMap { behavior.cut($0, where: BERTCharacters.isPunctuation) }
        case .digits(let individual):
            pieces.flatMap { (individual ? SplitBehavior.isolated : .contiguous).cut($0, where: Self.isNumber) }
        case .split(let pattern, let behavior, let inverted):
            pieces.flatMap { behavior.cut($0, matches: pattern.matches(in: $0.scalars), inverted: inverted) }
        case .delimiter(let delimiter): pieces.flatMap { SplitBehavior.removed.cut($0) { $0 == delimiter } }
        case .metaspace(let replacement, let prefix, let splits):
            pieces.flatMap { Self.metaspace($0, replacement, prefix, splits: splits) }
        }
    }

    /// Numbers of all kinds, by today's tables.
    private static func isNumber(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// Runs of word characters, and runs of what is neither those nor space.
    private static func words(_ piece: Piece) -> [Range<Int>] {
        enum Kind { case word, space, other }
        func kind(_ scalar: Unicode.Scalar) -> Kind {
            scalar.properties.isWhitespace ? .space : ScalarProperty.strictWord.holds(scalar) ? .word : .other
        }
        var found: [Range<Int>] = []
        var last = Kind.space
        for index in piece.scalars.indices {
            let kind = kind(piece.scalars[index])
            if kind != .space {
                if kind == last, let run = found.last {
                    found[found.count - 1] = run.lowerBound..<index + 1
                } else {
                    found.append(index..<index + 1)
                }
            }
            last = kind
        }
        return found
    }

    private static func byteLevel(_ piece: Piece, prefixesSpace: Bool, splits: Bool) -> [Piece] {
        var piece = piece
        if prefixesSpace, piece.scalars.first != " " { piece.scalars = [" "] + piece.scalars }
        let parts =
            splits
            ? SplitBehavior.isolated.cut(piece, matches: Self.gpt2.matches(in: piece.scalars), inverted: false)
            : [piece]
        return parts.map { Piece(scalars: ByteAlphabet.spelled($0.scalars)[...], isFirst: $0.isFirst) }
    }

    private static let gpt2: Pattern = {
        do {
            return try Pattern(#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)
        } catch { preconditionFailure("\(error)") }
    }()

    private static func metaspace(
        _ piece: Piece, _ replacement: Unicode.Scalar, _ prefix: MetaspacePrefix, splits: Bool
    ) -> [Piece] {
        var scalars = piece.scalars.map { $0 == " " ? replacement : $0 }
        let wantsPrefix = prefix == .always || (prefix == .first && piece.isFirst)
        if wantsPrefix, scalars.first != replacement { scalars.insert(replacement, at: 0) }
        let whole = Piece(scalars: scalars[...], isFirst: piece.isFirst)
        return splits ? SplitBehavior.mergedWithNext.cut(whole) { $0 == replacement } : [whole]
    }
}
