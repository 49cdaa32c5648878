import Crypto
import Domain
import Foundation
import Testing

@testable import Inference

/// The tokenizer against the reference implementation's answers to 20,000 texts in more than forty scripts.
@Suite struct TokenizerGoldenTests {
    /// Lower-casing and accent stripping, drawn for each text.
    private static let modes =
        [(false, false), (true, false), (false, true)] + Array(repeating: (true, true), count: 5)

    @Test func idsAndWordsEqualTheReferences() throws {
        let vocabulary = try Array(Data(contentsOf: URL(filePath: Fixtures.starter + "/vocab.txt")))
        let golden = try Fixtures.bytes("tokenizer-golden.bin")
        try #require(
            Array(SHA256.hash(data: vocabulary)) == Array(golden.prefix(32)),
            "the vocabulary is another one: run Fixtures/make_tokenizer_golden.py")
        var reader = Reader(bytes: golden, position: 32)
        let tokens = String(decoding: vocabulary, as: UTF8.self).unicodeScalars.split(separator: "\n").map { line in
            Array(line.starts(with: "##".unicodeScalars) ? line.dropFirst(2) : line)
        }
        var texts = TokenizerTexts(source: try Fixtures.json("tokenizer-texts.json"), tokens: tokens)
        var tokenizers: [WordPieceTokenizer] = []
        for (lowercase, stripAccents) in Self.modes.prefix(4) {
            tokenizers.append(
                try WordPieceTokenizer(
                    vocabulary: vocabulary, lowercase: lowercase, stripAccents: stripAccents, contextLength: 64))
        }

        var failures = 0
        for number in 0..<texts.count where failures < 10 {
            let scalars = texts.next()
            let mode = texts.random.below(Self.modes.count)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            let text = String(view)
            let digest = reader.take32()
            let expected = (0..<reader.take16()).map { _ in Int32(reader.take16()) }

            let ids = tokenizers[min(mode, 3)].ids(text)
            var words: [String] = []
            BERTWords(lowercase: Self.modes[mode].0, stripAccents: Self.modes[mode].1)
                .forEach(in: Substring(text).unicodeScalars) { word in
                    var view = String.UnicodeScalarView()
                    view.append(contentsOf: word)
                    words.append(String(view))
                    return true
                }
            if ids != [101] + expected + [102] || Self.digest(words) != digest {
                failures += 1
                let spelled = scalars.map { String($0.value, radix: 16) }.joined(separator: " ")
                Issue.record(
                    """
                    text \(number) of seed \(texts.seed), mode \(Self.modes[mode]): \(spelled.prefix(600))
                    ids \(ids.dropFirst().dropLast()), wanted \(expected); words \(words.prefix(50)) \
                    \(Self.digest(words) == digest ? "as wanted" : "not as wanted")
                    """)
            }
        }
        #expect(failures > 0 || reader.position == golden.count, "the golden file has more texts than were made")
    }

    /// FNV-1a, 32 bits, of the words in UTF-8 with a zero byte after each.
    private static func digest(_ words: [String]) -> UInt32 {
        var value: UInt32 = 0x811C_9DC5
        for word in words {
            for byte in Array(word.utf8) + [0] { value = (value ^ UInt32(byte)) &* 0x0100_0193 }
        }
        return value
    }

    /// Little-endian integers, one after the other.
    private struct Reader {
        let bytes: [UInt8]
        var position: Int

        mutating func take16() -> Int {
            defer { position += 2 }
            return Int(bytes[position]) | Int(bytes[position + 1]) << 8
        }
        mutating func take32() -> UInt32 { UInt32(take16()) | UInt32(take16()) << 16 }
    }
}

/// Tokenizers of every kind, built like those of public models, against the reference's answers to 20,000 texts each.
@Suite struct FileTokenizerGoldenTests {
    static let kinds = [
        "clip", "byte_level", "wordpiece", "gemma", "siglip", "xlm_roberta", "unigram_bytes", "llama", "whole_words",
    ]
    /// `CONTEXT` of `Fixtures/make_file_tokenizers.py`.
    private static let contextLength = 77

    private static let texts: [String] = {
        do {
            let vocabulary = try String(contentsOfFile: Fixtures.starter + "/vocab.txt", encoding: .utf8)
            let tokens = vocabulary.unicodeScalars.split(separator: "\n").map { line in
                Array(line.starts(with: "##".unicodeScalars) ? line.dropFirst(2) : line)
            }
            var texts = TokenizerTexts(source: try Fixtures.json("tokenizer-texts.json"), tokens: tokens)
            return (0..<texts.count).map { _ in texts.next().text }
        } catch { fatalError("\(error)") }
    }()

    @Test(arguments: kinds)
    func idsEqualTheReferences(kind: String) throws {
        let tokenizer = try FileTokenizer(
            file: try Fixtures.bytes("tokenizers/\(kind).json"), contextLength: Self.contextLength,
            paddingToken: ["<pad>", "[PAD]", "<|endoftext|>"].first { token in
                (try? Fixtures.bytes("tokenizers/\(kind).json")).map {
                    String(decoding: $0, as: UTF8.self).contains("\"\(token)\"")
                } ?? false
            })
        let hashes = try Fixtures.bytes("tokenizers/\(kind).hashes")
        let texts = Self.texts
        try #require(hashes.count == 4 * texts.count)
        var failures = 0
        for (number, text) in texts.enumerated() where failures < 5 {
            let expected = (0..<4).reduce(UInt32(0)) { $0 | UInt32(hashes[4 * number + $1]) << UInt32(8 * $1) }
            let ids = tokenizer.ids(text)
            if Self.digest(ids) != expected {
                failures += 1
                let spelled = text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
                Issue.record("text \(number): \(spelled.prefix(600)) became \(ids)")
            }
        }
    }

    /// FNV-1a, 32 bits, of the ids as 32 bits each, little-endian.
    private static func digest(_ ids: [Int32]) -> UInt32 {
        var value: UInt32 = 0x811C_9DC5
        for id in ids {
            for shift in 0..<4 { value = (value ^ (UInt32(bitPattern: id) >> UInt32(8 * shift) & 0xFF)) &* 0x0100_0193 }
        }
        return value
    }
}
