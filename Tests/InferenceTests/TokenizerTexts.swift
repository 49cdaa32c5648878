import Domain
import Foundation

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers for the same seed, here and in the script that wrote the
/// golden file.
struct SplitMix64 {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(count))
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}

/// Odd texts in many scripts, by the steps of `Fixtures/make_tokenizer_golden.py`, draw for draw.
struct TokenizerTexts {
    typealias Text = [Unicode.Scalar]
    let seed: Int
    let count: Int
    var random: SplitMix64
    private let alphabets: [Text]
    private let marks: Text
    private let pieces: [Text]
    private let separators: [Text]
    private let tokens: [Text]

    /// - Parameters:
    ///   - source: `Fixtures/tokenizer-texts.json`.
    ///   - tokens: the vocabulary's, without `##`.
    init(source: JSONValue, tokens: [Text]) {
        func texts(_ name: String) -> [Text] { source[name]!.array!.map { Array($0.string!.unicodeScalars) } }
        func expand(_ ranges: JSONValue) -> Text {
            ranges.array!.flatMap { entry in
                let bounds = entry.string!.split(separator: "-").map { UInt32($0, radix: 16)! }
                return (bounds[0]...bounds[1]).map { Unicode.Scalar($0)! }
            }
        }
        seed = source["seed"]!.number!.int!
        count = source["count"]!.number!.int!
        random = SplitMix64(state: UInt64(seed))
        alphabets = source["alphabets"]!.object!.members.map { expand($0.value) }
        marks = expand(source["marks"]!)
        pieces = texts("pieces")
        separators = texts("separators")
        self.tokens = tokens
    }

    mutating func next() -> Text {
        var text =
            switch random.below(8) {
            case 0...2: words()
            case 3: mixture()
            case 4: anything()
            case 5: knownTokens()
            case 6: marked()
            default: oddities()
            }
        if random.below(50) == 0 {
            let letter: Unicode.Scalar = random.pick(["a", "\u{E9}", "\u{4E00}"])
            text += Array(repeating: letter, count: 98 + random.below(5))
        }
        if random.below(100) == 0 {
            text = Array(repeatElement(text, count: 20 + random.below(60)).joined())
        }
        return text
    }

    private mutating func words() -> Text {
        let alphabet = random.pick(alphabets)
        var text: Text = []
        for _ in 0..<1 + random.below(8) {
            for _ in 0..<1 + random.below(10) { text.append(random.pick(alphabet)) }
            text += random.pick(separators)
        }
        return text
    }

    private mutating func mixture() -> Text {
        var text: Text = []
        for _ in 0..<1 + random.below(30) {
            let alphabet = random.pick(alphabets)
            text.append(random.pick(alphabet))
        }
        return text
    }

    private mutating func anything() -> Text {
        var text: Text = []
        for _ in 0..<1 + random.below(20) {
            let code = random.below(0x110000 - 0x800)
            text.append(Unicode.Scalar(UInt32(code < 0xD800 ? code : code + 0x800))!)
        }
        return text
    }

    private mutating func knownTokens() -> Text {
        var text: Text = []
        for _ in 0..<1 + random.below(12) {
            let token = random.pick(tokens)
            let capital = random.below(3) == 0
            text += token.map { capital && ("a"..."z").contains($0) ? Unicode.Scalar($0.value - 32)! : $0 }
            if random.below(4) == 0 { text.append(Unicode.Scalar(UInt32(0x300 + random.below(0x70)))!) }
            text += random.pick(separators)
        }
        return text
    }

    private mutating func marked() -> Text {
        let alphabet = random.pick(alphabets)
        var text: Text = []
        for _ in 0..<1 + random.below(8) {
            text.append(random.pick(alphabet))
            for _ in 0..<random.below(6) { text.append(random.pick(marks)) }
        }
        return text
    }

    private mutating func oddities() -> Text {
        var text: Text = []
        for _ in 0..<1 + random.below(10) {
            text += random.pick(pieces)
            if random.below(3) == 0 { text += random.pick(separators) }
        }
        return text
    }
}
