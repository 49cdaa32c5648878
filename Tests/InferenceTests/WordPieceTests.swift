import Testing

@testable import Inference

/// Rules of the tokenizer one by one, on a vocabulary that can be overlooked.
@Suite struct WordPieceTests {
    private func tokenizer(
        _ tokens: [String] = TestModel.tokens, lowercase: Bool = true, stripAccents: Bool = true, length: Int = 12
    ) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(
            vocabulary: Array(tokens.joined(separator: "\n").utf8), lowercase: lowercase, stripAccents: stripAccents,
            contextLength: length)
    }

    @Test(arguments: [
        ("", []), ("a red car", [5, 6, 7]), ("  A\tRéd\u{301}\nCAR! ", [5, 6, 7, 12]), ("dogs", [8, 9]),
        ("snowy dogs", [10, 11, 8, 9]), ("snowed", [1]), ("zebra a", [1, 5]), ("a[SEP]car", [5, 3, 7]),
        ("a[sep]", [5, 1, 1, 1]), ("car\u{200B}s", [7, 9]), ("a車a", [5, 1, 5]), ("a\u{0}\u{FFFD}", [5]),
    ])
    func wordsBecomePieces(text: String, ids: [Int32]) throws {
        #expect(try tokenizer().ids(text) == [2] + ids + [3])
    }

    @Test func textsAreCutToTheContext() throws {
        let short = try tokenizer(length: 4)
        #expect(short.ids("dogs dogs dogs") == [2, 8, 9, 3])
        #expect(short.ids("a dogs") == [2, 5, 8, 3])
        #expect(try tokenizer(length: 2).ids("a") == [2, 3])
    }

    @Test func capitalsAndAccentsStayWhereTheModelKnowsThem() throws {
        let tokens = TestModel.tokens + ["Red", "r\u{E9}d"]
        #expect(try tokenizer(tokens, lowercase: false, stripAccents: false).ids("Red r\u{E9}d") == [2, 16, 17, 3])
        #expect(try tokenizer(tokens, lowercase: false, stripAccents: true).ids("Red r\u{E9}d") == [2, 16, 6, 3])
        #expect(try tokenizer(tokens, lowercase: true, stripAccents: false).ids("R\u{C9}D") == [2, 17, 3])
    }

    @Test func wordsOfMoreThanAHundredCharactersAreUnknown() throws {
        let tokens = TestModel.tokens + ["##a"]
        let tokenizer = try tokenizer(tokens, length: 200)
        #expect(tokenizer.ids(String(repeating: "a", count: 100)).count == 102)
        #expect(tokenizer.ids(String(repeating: "a", count: 101)) == [2, 1, 3])
    }

    @Test func aTextOfMegabytesTakesNoLongerThanItMust() throws {
        let tokenizer = try tokenizer()
        let words = String(repeating: "dogs in the snow ", count: 200_000)
        #expect(tokenizer.ids(words).count == 12)
        #expect(tokenizer.ids(String(repeating: "é", count: 1_000_000)) == [2, 1, 3])
    }

    @Test(arguments: ["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    func aVocabularyNeedsItsSpecialTokens(token: String) {
        do {
            _ = try tokenizer(TestModel.tokens.filter { $0 != token })
            Issue.record("it was taken")
        } catch let error as ModelError {
            #expect(error.code == .fileInvalid && error.message == "The model's vocabulary has no \(token).")
        } catch { Issue.record(error) }
    }

    @Test func aVocabularyMustBeText() {
        #expect(throws: ModelError(code: .fileInvalid, message: "The model's vocabulary is not UTF-8.")) {
            _ = try WordPieceTokenizer(
                vocabulary: [0x61, 0xFF, 0x0A], lowercase: true, stripAccents: true, contextLength: 8)
        }
    }
}
