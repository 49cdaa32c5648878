/// The special ids around a text's own.
struct PostProcessor: Sendable {
    private(set) var before: [Int32] = []
    private(set) var after: [Int32] = []

    init() {}

    private static let kinds: [String: Set<String>] = [
        "TemplateProcessing": ["single", "pair", "special_tokens"], "BertProcessing": ["sep", "cls"],
        "RobertaProcessing": ["sep", "cls", "trim_offsets", "add_prefix_space"],
        "ByteLevel": ["add_prefix_space", "trim_offsets", "use_regex"], "Sequence": ["processors"],
    ]

    init(_ part: TokenizerPart) throws(ModelError) {
        switch try part.type(Self.kinds) {
        case "TemplateProcessing": try readTemplate(part)
        case "BertProcessing", "RobertaProcessing":
            before = [try Self.id(part, "cls")]
            after = [try Self.id(part, "sep")]
        case "Sequence":
            for part in try part.parts("processors") {
                let step = try PostProcessor(part)
                before = step.before + before
                after += step.after
            }
        // Offsets alone.
        default: break
        }
    }

    /// `["TOKEN", ID]`.
    private static func id(_ part: TokenizerPart, _ name: String) throws(ModelError) -> Int32 {
        guard let pair = part.value(name)?.array, pair.count == 2, let id = pair[1].number?.int,
            let id = Int32(exactly: id)
        else { throw part.fault("needs a token and its id for \(name)") }
        return id
    }

    private mutating func readTemplate(_ part: TokenizerPart) throws(ModelError) {
        var hasText = false
        for step in try part.parts("single") {
            try step.expect(["Sequence", "SpecialToken"], in: "template")
            if let text = try step.part("Sequence", step.place) {
                guard try text.string("id") == "A", !hasText else { throw part.fault("has a template of two texts") }
                hasText = true
                continue
            }
            let name = try step.part("SpecialToken", step.place)?.string("id") ?? ""
            guard let ids = part.value("special_tokens")?[name]?["ids"]?.array else {
                throw part.fault("has a template with a special token that is not listed")
            }
            for id in ids {
                guard let id = id.number?.int, let id = Int32(exactly: id) else {
                    throw part.fault("has a special token whose id is none")
                }
                if hasText { after.append(id) } else { before.append(id) }
            }
        }
        guard hasText else { throw part.fault("has a template without a text") }
    }
}
