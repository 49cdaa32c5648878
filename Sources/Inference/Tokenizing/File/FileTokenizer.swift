import Domain

/// A tokenizer as a Hugging Face `tokenizer.json` describes it, with the ids that PyPI's `tokenizers` gives.
///
/// The file's own truncation and padding don't count; the model's manifest says how long a text may be.
public struct FileTokenizer: TextTokenizer {
    public let contextLength: Int
    public let padding: Int32
    public let fillsContext: Bool
    private let lowercases: Bool
    private let early: AddedTokens
    private let normalizer: Normalizer?
    private let late: AddedTokens
    private let preTokenizer: PreTokenizer?
    private let model: any SubwordModel
    private let postProcessor: PostProcessor

    /// No more characters of a text are looked at. The longest context takes far fewer.
    static let longestText = 1 << 20

    /// - Parameters:
    ///   - file: the bytes of a `tokenizer.json`.
    ///   - contextLength: the most ids, special ones counted in.
    ///   - paddingToken: what fills up shorter texts; nil for what the file says.
    ///   - fillsContext: whether all texts are filled up to the context length.
    ///   - lowercases: make the text small first, for models whose file leaves that out.
    /// - Throws: `ModelError.Code.fileInvalid` naming the part that is not known.
    public init(
        file: [UInt8], contextLength: Int, paddingToken: String? = nil, fillsContext: Bool = false,
        lowercases: Bool = false
    ) throws(ModelError) {
        let top = try Self.parsed(file)
        try top.expect(
            [
                "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
                "decoder", "model",
            ], in: "tokenizer")
        guard let model = try top.part("model", "model") else { throw TokenizerPart.fault("it has no model") }
        self.model = try SubwordModelFile.model(model)
        normalizer = try top.part("normalizer", "normalizer").map { (part) throws(ModelError) in try Normalizer(part) }
        preTokenizer = try top.part("pre_tokenizer", "pre-tokenizer").map { (part) throws(ModelError) in
            try PreTokenizer(part)
        }
        postProcessor =
            try top.part("post_processor", "post-processor").map { (part) throws(ModelError) in
                try PostProcessor(part)
            } ?? PostProcessor()
        let added = try Self.added(top, self.model)
        early = AddedTokens(added.filter { !$0.isNormalized }.map(\.token))
        let normalizer = normalizer
        late = AddedTokens(
            added.filter(\.isNormalized).map {
                let token = $0.token
                return AddedTokens.Token(
                    content: normalizer?.apply(token.content) ?? token.content, id: token.id,
                    isSingleWord: token.isSingleWord, stripsLeft: token.stripsLeft, stripsRight: token.stripsRight)
            })
        padding = try Self.padding(top, paddingToken, added.map(\.token), self.model)
        guard contextLength > postProcessor.before.count + postProcessor.after.count else {
            throw TokenizerPart.fault("its special tokens leave no room in a context of \(contextLength)")
        }
        self.contextLength = contextLength
        self.fillsContext = fillsContext
        self.lowercases = lowercases
    }

    public func ids(_ text: String) -> [Int32] {
        let room = contextLength - postProcessor.before.count - postProcessor.after.count
        var ids: [Int32] = []
        var scalars = Scalars(text.unicodeScalars.prefix(Self.longestText))
        if lowercases { scalars = Normalizer.lowercased(scalars) }
        append(scalars, to: &ids, room: room)
        return postProcessor.before + ids.prefix(room) + postProcessor.after
    }

    private func append(_ text: Scalars, to ids: inout [Int32], room: Int) {
        var isFirst = true
        for part in early.split(text[...]) {
            guard ids.count < room else { return }
            switch part {
            case .token(let id): ids.append(id)
            case .text(let slice):
                let normalized = normalizer?.apply(Scalars(slice)) ?? Scalars(slice)
                for part in late.split(normalized[...]) {
                    switch part {
                    case .token(let id): ids.append(id)
                    case .text(let slice): append(slice, isFirst: isFirst, to: &ids, room: room)
                    }
                    isFirst = false
                }
            }
            isFirst = false
        }
    }

    /// The pieces one after the other, as far as there is room.
    private func append(_ text: ArraySlice<Unicode.Scalar>, isFirst: Bool, to ids: inout [Int32], room: Int) {
        let whole = PreTokenizer.Piece(scalars: text, isFirst: isFirst)
        for piece in preTokenizer?.apply([whole]) ?? [whole] where !piece.scalars.isEmpty {
            guard ids.count < room else { return }
            model.append(piece.scalars, to: &ids)
        }
    }

    private static func parsed(_ file: [UInt8]) throws(ModelError) -> TokenizerPart {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: file)
        } catch {
            throw ModelError(
                code: .fileInvalid, message: "The model's tokenizer is not valid JSON.", detail: error.description)
        }
        guard let object = value.object else { throw TokenizerPart.fault("it is no object") }
        return TokenizerPart(object, "file")
    }

    private static func added(
        _ top: TokenizerPart, _ model: any SubwordModel
    ) throws(ModelError) -> [(token: AddedTokens.Token, isNormalized: Bool)] {
        guard top.value("added_tokens") != nil else { return [] }
        return try top.parts("added_tokens").map { (part) throws(ModelError) in
            let part = TokenizerPart(part.object, "list of added tokens")
            try part.expect(
                ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"], in: "entry")
            let content = try part.string("content")
            guard let id = part.value("id")?.number?.int, let id = Int32(exactly: id), id >= 0,
                model.id(content) ?? id == id
            else { throw part.fault("gives \(content) an id that is not the vocabulary's") }
            let token = AddedTokens.Token(
                content: Scalars(content), id: id, isSingleWord: try part.bool("single_word", default: false),
                stripsLeft: try part.bool("lstrip", default: false),
                stripsRight: try part.bool("rstrip", default: false))
            let isSpecial = try part.bool("special", default: false)
            return (token, try part.bool("normalized", default: !isSpecial))
        }
    }

    private static func padding(
        _ top: TokenizerPart, _ name: String?, _ added: [AddedTokens.Token], _ model: any SubwordModel
    ) throws(ModelError) -> Int32 {
        guard let name else {
            guard let id = try top.part("padding", "padding")?.value("pad_id")?.number?.int, let id = Int32(exactly: id)
            else { throw TokenizerPart.fault("it says nothing of padding, and neither does the manifest") }
            return id
        }
        let content = Scalars(name)
        guard let id = added.first(where: { $0.content == content })?.id ?? model.id(name) else {
            throw TokenizerPart.fault("it has no token for padding, \(name)")
        }
        return id
    }
}
