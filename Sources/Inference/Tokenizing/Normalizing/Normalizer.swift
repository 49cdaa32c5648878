/// What is done to a text before it is cut, each step as the reference package names it.
indirect enum Normalizer: Sendable {
    case sequence([Normalizer])
    case form(UnicodeForm)
    case lowercase
    case stripAccents
    case strip(left: Bool, right: Bool)
    case replace(Pattern, with: Scalars)
    case prepend(Scalars)
    case bert(clean: Bool, ideographs: Bool, stripAccents: Bool, lowercase: Bool)
    case precompiled(PrecompiledMap)
    case byteLevel

    func apply(_ text: Scalars) -> Scalars {
        switch self {
        case .sequence(let steps): steps.reduce(text) { $1.apply($0) }
        case .form(let form): form.apply(text)
        case .lowercase: Self.lowercased(text)
        case .stripAccents: text.filter { !BERTCharacters.isMark($0) }
        case .strip(let left, let right): Self.stripped(text, left: left, right: right)
        case .replace(let pattern, let content): Self.replaced(text, pattern, content)
        case .prepend(let content): text.isEmpty ? [] : content + text
        case .bert(let clean, let ideographs, let stripAccents, let lowercase):
            Self.bert(
                text, clean: clean, ideographs: ideographs, stripAccents: stripAccents, lowercase: lowercase)
        case .precompiled(let map): map.apply(text)
        case .byteLevel: ByteAlphabet.spelled(text[...])
        }
    }

    /// One character at a time: no context, as the reference does it.
    static func lowercased(_ text: Scalars) -> Scalars {
        var result: Scalars = []
        result.reserveCapacity(text.count)
        for scalar in text {
            switch scalar.value {
            case 0x41...0x5A: result.append(Unicode.Scalar(scalar.value + 0x20)!)
            case 0..<0x80: result.append(scalar)
            default: result += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return result
    }

    private static func stripped(_ text: Scalars, left: Bool, right: Bool) -> Scalars {
        var part = text[...]
        if left { part = part.drop(while: \.properties.isWhitespace) }
        if right { while part.last?.properties.isWhitespace == true { part.removeLast() } }
        return Scalars(part)
    }

    private static func replaced(_ text: Scalars, _ pattern: Pattern, _ content: Scalars) -> Scalars {
        var result: Scalars = []
        var position = 0
        for match in pattern.matches(in: text[...]) {
            result += text[position..<match.lowerBound]
            result += content
            position = match.upperBound
        }
        return position == 0 ? text : result + text[position...]
    }

    private static func bert(
        _ text: Scalars, clean: Bool, ideographs: Bool, stripAccents: Bool, lowercase: Bool
    ) -> Scalars {
        var text = text
        if clean {
            text = text.filter { !BERTCharacters.isRemoved($0) }.map { BERTCharacters.isSpace($0) ? " " : $0 }
        }
        if ideographs { text = text.flatMap { BERTCharacters.isIdeograph($0) ? [" ", $0, " "] : [$0] } }
        if stripAccents { text = UnicodeForm.nfd.apply(text).filter { !BERTCharacters.isAccent($0) } }
        return lowercase ? lowercased(text) : text
    }
}
