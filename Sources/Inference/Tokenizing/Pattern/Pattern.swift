/// A regular expression as tokenizer files use it, in the syntax of Oniguruma, which the reference runs.
///
/// Known: characters and escapes, classes, `\s \w \d \p{...}` and their opposites, groups without names, `(?i:...)` for
/// ASCII, `|`, `* + ?` and `{n,m}`, lazy and possessive, `(?=...)` and `(?!...)`. Anything else is refused when the
/// pattern is read. Matching never recurses into the text, and gives up where a pattern would take for ever.
struct Pattern: Sendable {
    indirect enum Node: Sendable {
        case empty
        case set(ScalarSet)
        case sequence([Node])
        case choice([Node])
        case loop(Node, Bounds, Greed)
        case lookahead(Node, negative: Bool)
    }

    enum Greed: Sendable { case greedy, lazy, possessive }

    struct Bounds: Sendable, Hashable {
        let least: Int
        /// Nil for no end.
        let most: Int?
    }

    enum Instruction: Sendable {
        case set(ScalarSet)
        /// As many characters of the set as the bounds and the greed say.
        case run(ScalarSet, Bounds, Greed)
        /// Goes on at the first place, and at the second where that fails.
        case fork(Int, Int)
        case jump(Int)
        /// The instructions up to `end` must match here, or must not; nothing is taken.
        case lookahead(negative: Bool, end: Int)
        case done
    }

    let program: [Instruction]

    /// - Throws: `PatternFault`
    init(_ text: String) throws(PatternFault) {
        var parser = PatternParser(text)
        program = try PatternCompiler.compile(try parser.parse())
    }

    /// Matches exactly that text; nothing when it is empty.
    init(literal: Scalars) {
        program = literal.map { .set(ScalarSet($0)) } + [.done]
    }
}

/// What in a pattern is not known.
struct PatternFault: Error, Hashable {
    let reason: String
}

/// Turns the tree of a pattern into steps.
enum PatternCompiler {
    private static let longestProgram = 20_000

    static func compile(_ node: Pattern.Node) throws(PatternFault) -> [Pattern.Instruction] {
        var program: [Pattern.Instruction] = []
        try append(node, to: &program)
        program.append(.done)
        return program
    }

    private static func append(_ node: Pattern.Node, to program: inout [Pattern.Instruction]) throws(PatternFault) {
        guard program.count < longestProgram else { throw PatternFault(reason: "is too long") }
        switch node {
        case .empty: break
        case .set(let set): program.append(.set(set))
        case .sequence(let nodes): for node in nodes { try append(node, to: &program) }
        case .choice(let nodes): try appendChoice(nodes[...], to: &program)
        case .loop(.set(let set), let bounds, let greed): program.append(.run(set, bounds, greed))
        case .loop(let node, let bounds, let greed): try appendLoop(node, bounds, greed, to: &program)
        case .lookahead(let node, let negative):
            let start = program.count
            program.append(.done)
            try append(node, to: &program)
            program.append(.done)
            program[start] = .lookahead(negative: negative, end: program.count)
        }
    }

    private static func appendChoice(
        _ nodes: ArraySlice<Pattern.Node>, to program: inout [Pattern.Instruction]
    ) throws(PatternFault) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return try append(first, to: &program) }
        let fork = program.count
        program.append(.done)
        try append(first, to: &program)
        let jump = program.count
        program.append(.done)
        program[fork] = .fork(fork + 1, program.count)
        try appendChoice(nodes.dropFirst(), to: &program)
        program[jump] = .jump(program.count)
    }

    private static func appendLoop(
        _ node: Pattern.Node, _ bounds: Pattern.Bounds, _ greed: Pattern.Greed, to program: inout [Pattern.Instruction]
    ) throws(PatternFault) {
        guard greed != .possessive else { throw PatternFault(reason: "has a possessive group") }
        func fork(_ inside: Int, _ outside: Int) -> Pattern.Instruction {
            greed == .greedy ? .fork(inside, outside) : .fork(outside, inside)
        }
        for _ in 0..<bounds.least { try append(node, to: &program) }
        if let most = bounds.most {
            var forks: [Int] = []
            for _ in 0..<most - bounds.least {
                forks.append(program.count)
                program.append(.done)
                try append(node, to: &program)
            }
            for place in forks { program[place] = fork(place + 1, program.count) }
        } else {
            guard !node.canBeEmpty else { throw PatternFault(reason: "repeats a group that can be empty") }
            let place = program.count
            program.append(.done)
            try append(node, to: &program)
            program.append(.jump(place))
            program[place] = fork(place + 1, program.count)
        }
    }
}

extension Pattern.Node {
    /// Whether it can match without taking a character.
    fileprivate var canBeEmpty: Bool {
        switch self {
        case .empty, .lookahead: true
        case .set: false
        case .sequence(let nodes): nodes.allSatisfy(\.canBeEmpty)
        case .choice(let nodes): nodes.contains(where: \.canBeEmpty)
        case .loop(let node, let bounds, _): bounds.least == 0 || node.canBeEmpty
        }
    }
}
