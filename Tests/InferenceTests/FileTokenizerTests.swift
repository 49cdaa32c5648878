import Domain
import Foundation
import Testing

@testable import Inference

/// Rules of tokenizer files one by one, on files that can be overlooked.
@Suite struct FileTokenizerTests {
    /// A word-level tokenizer with some parts changed or added.
    private static func file(_ parts: JSONObject = [:]) -> [UInt8] {
        var file: JSONObject = [
            "version": "1.0", "truncation": nil, "padding": ["pad_id": 0], "added_tokens": [], "normalizer": nil,
            "pre_tokenizer": ["type": "WhitespaceSplit"], "post_processor": nil, "decoder": nil,
            "model": [
                "type": "WordLevel", "unk_token": "?",
                "vocab": ["<pad>": 0, "?": 1, "a": 2, "red": 3, "car": 4, "é": 5, "e\u{301}": 6, "<s>": 7],
            ],
        ]
        for (name, value) in parts.members { file[name] = value }
        return JSONValue.object(file).jsonBytes
    }

    private static func tokenizer(_ parts: JSONObject = [:], length: Int = 16) throws(ModelError) -> FileTokenizer {
        try FileTokenizer(file: file(parts), contextLength: length)
    }

    @Test func spellingsThatLookAlikeAreDifferentTokens() throws {
        #expect(try Self.tokenizer().ids("é e\u{301} red") == [5, 6, 3])
    }

    @Test func textsAreCutAndSpecialTokensKept() throws {
        let template: JSONValue = [
            "type": "TemplateProcessing",
            "single": [["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]]],
            "pair": [], "special_tokens": ["<s>": ["id": "<s>", "ids": [7], "tokens": ["<s>"]]],
        ]
        let tokenizer = try Self.tokenizer(["post_processor": template], length: 3)
        #expect(tokenizer.ids("a red car") == [7, 2, 3] && tokenizer.ids("") == [7])
        #expect(throws: ModelError.self) { try Self.tokenizer(["post_processor": template], length: 1) }
    }

    @Test func aTextOfMegabytesTakesNoLongerThanItMust() throws {
        let text = String(repeating: "red ", count: 1_000_000)
        #expect(try Self.tokenizer(length: 4).ids(text) == [3, 3, 3, 3])
    }

    /// A part that is not known, and what the error names.
    static let faults: [(name: String, part: JSONValue, named: String)] = [
        ("normalizer", ["type": "Nmt"], "its normalizer is of a kind that is not known, Nmt"),
        ("normalizer", ["type": "Sequence", "normalizers": [["type": "Rot13"]]], "not known, Rot13"),
        ("normalizer", ["type": "Lowercase", "locale": "tr"], "Lowercase has a member that is not known, locale"),
        ("normalizer", ["type": "Precompiled", "precompiled_charsmap": "AAAA"], "damaged precompiled_charsmap"),
        (
            "normalizer", ["type": "Replace", "pattern": ["Regex": "(?<=a)b"], "content": ""],
            "has a pattern that has a kind of group that is not known"
        ),
        ("pre_tokenizer", ["type": "UnicodeScripts"], "its pre-tokenizer is of a kind that is not known"),
        (
            "pre_tokenizer", ["type": "Split", "pattern": ["String": "x"], "behavior": "Glued", "invert": false],
            "has a behavior that is not known, Glued"
        ),
        ("pre_tokenizer", ["type": "Metaspace", "replacement": "__"], "needs one character for replacement"),
        ("post_processor", ["type": "Pairs"], "its post-processor is of a kind that is not known, Pairs"),
        ("model", ["type": "Char", "vocab": [:]], "its model is of a kind that is not known, Char"),
        ("model", ["type": "BPE", "vocab": ["a": 0], "merges": ["a b"]], "has a merge (0) of what are no tokens"),
        ("model", ["type": "BPE", "vocab": [:], "merges": [], "dropout": 0.1], "has a dropout"),
        ("model", ["type": "Unigram", "vocab": [["a", 0]]], "needs an unk_id"),
        ("model", ["type": "WordLevel", "vocab": ["a": 0], "unk_token": "b"], "unk_token that is no token"),
        ("model", nil, "it has no model"),
        ("added_tokens", [["id": 9, "content": "red"]], "gives red an id that is not the vocabulary's"),
        ("padding", nil, "it says nothing of padding"),
        ("spelling", "none", "has a member that is not known, spelling"),
    ]

    @Test(arguments: faults.indices)
    func aPartThatIsNotKnownIsNamed(fault: Int) {
        let (name, part, named) = Self.faults[fault]
        do throws(ModelError) {
            _ = try Self.tokenizer([name: part])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .fileInvalid && error.message.contains(named), "\(error)")
        }
    }

    @Test(arguments: ["", "[]", "{", "{\"model\":7}"])
    func whatIsNoTokenizerIsRefused(text: String) {
        #expect(throws: ModelError.self) { try FileTokenizer(file: Array(text.utf8), contextLength: 8) }
    }
}

@Suite struct PatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let scalars = Scalars(text)
        return try Pattern(pattern).matches(in: scalars[...]).map { Scalars(scalars[$0]).text }
    }

    @Test(arguments: [
        ("a+", "aab a", ["aa", "a"]), ("a+?", "aab", ["a", "a"]), ("a{2}", "aaaaa", ["aa", "aa"]),
        ("a{2,}", "aaaaa a", ["aaaaa"]), ("a{1,3}?b", "aaab", ["aaab"]), ("a?+a", "a aa", ["aa"]),
        ("(?:ab|a)(?!c)", "abc ab a", ["a", "ab", "a"]), ("a(?=b)", "ab ac", ["a"]), ("(ab)+", "ababa", ["abab"]),
        ("(?i:'S|k)", "'s 'S \u{212A}K\u{17F}", ["'s", "'S", "\u{212A}", "K"]), ("[^\\s\\p{L}]+", "a1! b", ["1!"]),
        ("[a-c\\-]+", "a-d", ["a-"]), ("[\\]x]+", "x]y", ["x]"]), ("\\p{Lu}\\P{L}", "Ab A1", ["A1"]),
        ("[[ab]c]+", "abcd", ["abc"]), ("\\x41\\u0042\\x{1F600}", "AB😀", ["AB😀"]), ("x*", "yxx", ["xx"]),
        ("\\s+(?!\\S)|\\s+", "a   b  ", ["  ", " ", "  "]), (".", "a\nb", ["a", "b"]), ("\\d+|\\w+", "a1é٣", ["a1é٣"]),
    ])
    func whatIsMatched(pattern: String, text: String, expected: [String]) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        "(", ")", "[", "[]", "a**", "*a", "a{2", "a{3,1}", "a{99999}", "\\q", "\\p{Greek}", "\\p{Cn}", "(?<n>a)",
        "(?>a)",
        "(a*)*", "^a", "a$", "[a&&b]", "[[:alpha:]]", "\\b", "[z-a]", "\\x{110000}", "(?i:é)", "(?i:[a])", "\\",
        String(repeating: "(", count: 100_000), "((a{1000}){1000}){1000}",
    ])
    func whatIsNotKnownIsRefused(pattern: String) {
        #expect(throws: PatternFault.self) { try Pattern(pattern) }
    }

    @Test func aPatternThatWouldTakeForEverGivesUp() throws {
        let text = Scalars(String(repeating: "a", count: 40) + "c")
        _ = try Pattern("(?:a|a)+b|(?:a|aa)+b").matches(in: text[...])
        #expect(try matches("\\s+(?!\\S)|\\s+", String(repeating: " ", count: 200_000) + "x").count == 2)
    }
}
