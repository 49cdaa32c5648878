/// Reads a pattern's text.
struct PatternParser {
    private let text: Scalars
    private var position = 0
    private var depth = 0
    private var ignoresCase = false
    private static let deepest = 50
    private static let mostRepeats = 1000

    init(_ text: String) { self.text = Scalars(text) }

    mutating func parse() throws(PatternFault) -> Pattern.Node {
        let node = try choice()
        guard position == text.count else { throw fault("has a ) too many") }
        return node
    }

    private func fault(_ reason: String) -> PatternFault { PatternFault(reason: "\(reason) (character \(position))") }

    private var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private mutating func take(_ wanted: String) -> Bool {
        guard text[position...].starts(with: wanted.unicodeScalars) else { return false }
        position += wanted.unicodeScalars.count
        return true
    }

    private mutating func next() throws(PatternFault) -> Unicode.Scalar {
        guard let scalar = peek else { throw fault("ends early") }
        position += 1
        return scalar
    }

    private mutating func choice() throws(PatternFault) -> Pattern.Node {
        depth += 1
        guard depth <= Self.deepest else { throw fault("is nested too deep") }
        defer { depth -= 1 }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternFault) -> Pattern.Node {
        var nodes: [Pattern.Node] = []
        while let scalar = peek, scalar != "|", scalar != ")" { nodes.append(try quantified(try atom())) }
        return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    private mutating func quantified(_ node: Pattern.Node) throws(PatternFault) -> Pattern.Node {
        let (bounds, isInterval) = try quantifier()
        guard let bounds else { return node }
        if case .lookahead = node { throw fault("repeats a lookahead") }
        let greed: Pattern.Greed = take("?") ? .lazy : !isInterval && take("+") ? .possessive : .greedy
        if let scalar = peek, "*+?".unicodeScalars.contains(scalar) { throw fault("repeats a repetition") }
        return .loop(node, bounds, greed)
    }

    private mutating func quantifier() throws(PatternFault) -> (Pattern.Bounds?, isInterval: Bool) {
        if take("*") { return (Pattern.Bounds(least: 0, most: nil), false) }
        if take("+") { return (Pattern.Bounds(least: 1, most: nil), false) }
        if take("?") { return (Pattern.Bounds(least: 0, most: 1), false) }
        guard take("{") else { return (nil, false) }
        let least = try number()
        var most = least
        if take(",") { most = peek == "}" ? nil : try number() }
        guard take("}"), least != nil || most != nil, most.map({ $0 >= least ?? 0 }) ?? true else {
            throw fault("has braces that are no number of repeats")
        }
        return (Pattern.Bounds(least: least ?? 0, most: most), true)
    }

    private mutating func number() throws(PatternFault) -> Int? {
        var digits = ""
        while let scalar = peek, ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        guard !digits.isEmpty else { return nil }
        guard let value = Int(digits), value <= Self.mostRepeats else { throw fault("repeats too often") }
        return value
    }

    private mutating func atom() throws(PatternFault) -> Pattern.Node {
        if take("(") { return try group() }
        if take("[") { return .set(try set()) }
        let scalar = try next()
        switch scalar {
        case "\\":
            return .set(ScalarSet([try escape()]))
        case ".": return .set(ScalarSet([.range(0x0A...0x0A)], negated: true))
        case "^", "$", "*", "+", "?": throw fault("uses \(scalar) in a way that is not known")
        default: return .set(ignoresCase ? try anyCase(scalar) : ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternFault) -> Pattern.Node {
        let before = ignoresCase
        defer { ignoresCase = before }
        var lookahead: Bool?
        if take("?=") {
            lookahead = false
        } else if take("?!") {
            lookahead = true
        } else if take("?i:") {
            ignoresCase = true
        } else if take("?:") {
        } else if peek == "?" {
            throw fault("has a kind of group that is not known")
        }
        let node = try choice()
        guard take(")") else { throw fault("has a group that is not closed") }
        return lookahead.map { .lookahead(node, negative: $0) } ?? node
    }

    /// An ASCII letter in both cases, with the two other characters that fold to one.
    private func anyCase(_ scalar: Unicode.Scalar) throws(PatternFault) -> ScalarSet {
        guard scalar.isASCII else { throw fault("ignores the case of a character that is not ASCII") }
        guard scalar.properties.isAlphabetic else { return ScalarSet(scalar) }
        let small = scalar.value | 0x20
        let others: [UInt32] = small == 0x73 ? [0x17F] : small == 0x6B ? [0x212A] : []
        return ScalarSet(([small, small & ~0x20] + others).map { .range($0...$0) })
    }

    private mutating func set() throws(PatternFault) -> ScalarSet {
        depth += 1
        guard depth <= Self.deepest else { throw fault("is nested too deep") }
        defer { depth -= 1 }
        let isNegated = take("^")
        var members: [ScalarSet.Member] = []
        while !take("]") {
            if take("[") {
                guard peek != ":" else { throw fault("has a POSIX class") }
                members.append(.set(try set()))
                continue
            }
            if take("&&") { throw fault("has an intersection of classes") }
            guard !ignoresCase else { throw fault("ignores case in a class") }
            let first = try member()
            guard case .range(let low) = first, peek == "-", position + 1 < text.count, text[position + 1] != "]" else {
                members.append(first)
                continue
            }
            position += 1
            guard case .range(let high) = try member(), low.lowerBound <= high.lowerBound else {
                throw fault("has a range that is none")
            }
            members.append(.range(low.lowerBound...high.lowerBound))
        }
        guard !members.isEmpty else { throw fault("has an empty class") }
        return ScalarSet(members, negated: isNegated)
    }

    private mutating func member() throws(PatternFault) -> ScalarSet.Member {
        let scalar = try next()
        return scalar == "\\" ? try escape() : .range(scalar.value...scalar.value)
    }

    /// What follows a backslash.
    private mutating func escape() throws(PatternFault) -> ScalarSet.Member {
        let scalar = try next()
        switch scalar {
        case "s": return .property(.space, negated: false)
        case "S": return .property(.space, negated: true)
        case "w": return .property(.word, negated: false)
        case "W": return .property(.word, negated: true)
        case "d": return .property(.digit, negated: false)
        case "D": return .property(.digit, negated: true)
        case "p", "P": return try property(negated: scalar == "P")
        case "n": return .range(0x0A...0x0A)
        case "r": return .range(0x0D...0x0D)
        case "t": return .range(0x09...0x09)
        case "f": return .range(0x0C...0x0C)
        case "v": return .range(0x0B...0x0B)
        case "u": return try code(digits: 4)
        case "x" where take("{"):
            let code = try code(digits: nil)
            guard take("}") else { throw fault("has an escape that is not closed") }
            return code
        case "x": return try code(digits: 2)
        default:
            let isPlain = scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar)
            guard isPlain else { throw fault("has an escape that is not known: \\\(scalar)") }
            return .range(scalar.value...scalar.value)
        }
    }

    private mutating func code(digits: Int?) throws(PatternFault) -> ScalarSet.Member {
        var value: UInt32 = 0
        var count = 0
        while count < digits ?? 6, let digit = peek.flatMap({ Character($0).hexDigitValue }) {
            value = value << 4 | UInt32(digit)
            position += 1
            count += 1
        }
        guard count == digits ?? max(count, 1), Unicode.Scalar(value) != nil else {
            throw fault("has an escape that is no character")
        }
        return .range(value...value)
    }

    private mutating func property(negated: Bool) throws(PatternFault) -> ScalarSet.Member {
        guard take("{") else { throw fault("has a property without braces") }
        let isOpposite = take("^")
        var name = ""
        while let scalar = peek, scalar != "}", name.unicodeScalars.count < 40 {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}"), let property = ScalarProperty(category: name) else {
            throw fault("has a property that is not known: \(name)")
        }
        return .property(property, negated: negated != isOpposite)
    }
}
