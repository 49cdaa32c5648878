extension PreTokenizer {
    private static let kinds: [String: Set<String>] = [
        "Sequence": ["pretokenizers"], "ByteLevel": ["add_prefix_space", "trim_offsets", "use_regex"],
        "BertPreTokenizer": [], "Whitespace": [], "WhitespaceSplit": [], "Punctuation": ["behavior"],
        "Digits": ["individual_digits"], "Split": ["pattern", "behavior", "invert"],
        "CharDelimiterSplit": ["delimiter"],
        "Metaspace": ["replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"],
    ]

    init(_ part: TokenizerPart) throws(ModelError) {
        switch try part.type(Self.kinds) {
        case "Sequence":
            self = .sequence(
                try part.parts("pretokenizers").map { (part) throws(ModelError) in try PreTokenizer(part) })
        case "ByteLevel":
            self = .byteLevel(
                prefixesSpace: try part.bool("add_prefix_space", default: true),
                splits: try part.bool("use_regex", default: true))
        case "BertPreTokenizer": self = .bert
        case "Whitespace": self = .whitespace
        case "WhitespaceSplit": self = .whitespaceSplit
        case "Punctuation":
            self = .punctuation(part.value("behavior") == nil ? .isolated : try part.choice("behavior"))
        case "Digits": self = .digits(individual: try part.bool("individual_digits", default: false))
        case "CharDelimiterSplit": self = .delimiter(try part.scalar("delimiter"))
        case "Metaspace": self = try Self.metaspace(part)
        default:
            self = .split(
                try part.pattern(), try part.choice("behavior"), inverted: try part.bool("invert", default: false))
        }
    }

    /// Older files say `add_prefix_space` where newer ones have `prepend_scheme`.
    private static func metaspace(_ part: TokenizerPart) throws(ModelError) -> PreTokenizer {
        let replacement = try part.scalar("replacement")
        if part.value("str_rep") != nil, try part.scalar("str_rep") != replacement {
            throw part.fault("has a str_rep that is not its replacement")
        }
        var prefix: MetaspacePrefix =
            part.value("prepend_scheme") == nil ? .always : try part.choice("prepend_scheme")
        if try !part.bool("add_prefix_space", default: prefix != .never) { prefix = .never }
        return .metaspace(replacement, prefix, splits: try part.bool("split", default: true))
    }
}
