extension Normalizer {
    private static let kinds: [String: Set<String>] = [
        "Sequence": ["normalizers"], "NFC": [], "NFD": [], "NFKC": [], "NFKD": [], "Lowercase": [], "StripAccents": [],
        "Strip": ["strip_left", "strip_right"], "Replace": ["pattern", "content"], "Prepend": ["prepend"],
        "BertNormalizer": ["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"],
        "Precompiled": ["precompiled_charsmap"], "ByteLevel": [],
    ]

    init(_ part: TokenizerPart) throws(ModelError) {
        let type = try part.type(Self.kinds)
        switch type {
        case "Sequence":
            self = .sequence(
                try part.parts("normalizers").map { (part) throws(ModelError) in try Normalizer(part) })
        case "Lowercase": self = .lowercase
        case "StripAccents": self = .stripAccents
        case "Strip":
            self = .strip(
                left: try part.bool("strip_left", default: true), right: try part.bool("strip_right", default: true))
        case "Replace": self = .replace(try part.pattern(), with: Scalars(try part.string("content")))
        case "Prepend": self = .prepend(Scalars(try part.string("prepend")))
        case "BertNormalizer":
            let lowercase = try part.bool("lowercase", default: true)
            self = .bert(
                clean: try part.bool("clean_text", default: true),
                ideographs: try part.bool("handle_chinese_chars", default: true),
                stripAccents: try part.bool("strip_accents", default: lowercase), lowercase: lowercase)
        case "Precompiled":
            // An empty table changes nothing.
            let text = try part.string("precompiled_charsmap", default: "")
            guard !text.isEmpty else {
                self = .sequence([])
                return
            }
            guard let map = PrecompiledMap(base64: text) else { throw part.fault("has a damaged precompiled_charsmap") }
            self = .precompiled(map)
        case "ByteLevel": self = .byteLevel
        default:
            guard let form = UnicodeForm(rawValue: type) else { throw part.fault("\(type) is not known") }
            self = .form(form)
        }
    }
}
