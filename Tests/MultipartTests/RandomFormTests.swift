import LibraryTesting
import Testing

@testable import Multipart

/// Bodies of chance, in pieces of chance, against the plain parser.
@Suite struct RandomFormTests {
    private static let tokens = [
        "\r", "\n", "\r\n", "-", "--", "b", "--b", "\r\n--b", "\r\n--b\r\n", "--b\r\n", "\r\n--b--", "\r\n\r\n", " ",
        "\t", "x",
        "A: c", "D:\r\n e", "\r\n--b \t\r\n", "\0", "\r\n--bb",
    ]

    private func outcome(_ body: [[UInt8]], _ boundary: String) -> Result<[NaiveParser.Part], MultipartError> {
        do throws(MultipartError) {
            return .success(
                try parse(body, boundary: boundary).map { part in
                    NaiveParser.Part(headers: part.part.headers.map { [$0.name, $0.value] }, bytes: part.bytes)
                })
        } catch { return .failure(error) }
    }

    @Test func theParserAgreesWithThePlainOne() {
        let seed = UInt64.random(in: .min ... .max)
        print("RandomFormTests seed \(seed)")
        var random = SplitMix64(seed: seed)
        var accepted = 0
        for round in 0..<6_000 {
            let boundary = round % 3 == 0 ? "b--b" : round % 3 == 1 ? "bb" : "b"
            var text = random.next() % 4 == 0 ? "" : "--\(boundary)\r\n"
            for _ in 0..<random.next() % 14 {
                text += Self.tokens.randomElement(using: &random)!.replacing(
                    "b", with: random.next() % 8 == 0 ? "b" : boundary)
            }
            if random.next() % 4 != 0 { text += "\r\n--\(boundary)--" }
            let body = Array(text.utf8)
            let expected: Result<[NaiveParser.Part], MultipartError>
            do throws(MultipartError) {
                expected = .success(try NaiveParser(boundary: boundary).parse(body))
                accepted += 1
            } catch { expected = .failure(error) }

            var pieces: [[UInt8]] = []
            var rest = body[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int(random.next() % 9) + 1)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(outcome([body], boundary) == expected, "seed \(seed), round \(round): \(text.debugDescription)")
            #expect(
                outcome(pieces, boundary) == expected,
                "seed \(seed), round \(round), in pieces: \(text.debugDescription)")
        }
        // Or the comparison would be one of errors only.
        #expect(accepted > 500)
    }
}
