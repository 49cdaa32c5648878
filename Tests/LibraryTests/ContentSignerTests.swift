import Domain
import Library
import LibraryTesting
import Testing

/// Signatures of content URLs.
@Suite struct ContentSignerTests {
    private let clock = SetClock(1_764_000_100)
    private let ids = (0..<2).map { ImageID(UUIDValue(high: 7, low: UInt64($0))) }

    private func signer(secret: String = "s3cret", lifetime: Double = 86_400) -> ContentSigner {
        ContentSigner(secret: secret, lifetime: lifetime, clock: clock)
    }

    private func parts(_ query: String) throws -> (expires: String, signature: String) {
        let match = try #require(query.wholeMatch(of: #/expires=(\d+)&signature=([0-9a-f]{64})/#))
        return (String(match.1), String(match.2))
    }

    @Test func worksUntilItExpires() throws {
        let (expires, signature) = try parts(signer().query(for: ids[0]))
        let end = try #require(Double(expires))
        // At least the whole lifetime, to the next full hour.
        #expect(end >= clock.now + 86_400 && end < clock.now + 86_400 + 3600 && Int64(end) % 3600 == 0)
        #expect(signer().accepts(id: ids[0], expires: expires, signature: signature))
        clock.now = end - 0.001
        #expect(signer().accepts(id: ids[0], expires: expires, signature: signature))
        clock.now = end
        #expect(!signer().accepts(id: ids[0], expires: expires, signature: signature))
    }

    @Test func isTheSameForAWhile() {
        let first = signer().query(for: ids[0])
        clock.now += 60
        #expect(signer().query(for: ids[0]) == first)
    }

    @Test func isGoodForOneImageOneTimeAndOneSecret() throws {
        let (expires, signature) = try parts(signer().query(for: ids[0]))
        #expect(!signer().accepts(id: ids[1], expires: expires, signature: signature))
        #expect(!signer(secret: "other").accepts(id: ids[0], expires: expires, signature: signature))
        let later = String(Int64(expires)! + 3600)
        #expect(!signer().accepts(id: ids[0], expires: later, signature: signature))
        for other in [
            "+" + expires, "0" + expires, expires + ".0", " " + expires, "", "x", "-1", "9223372036854775808",
        ] {
            #expect(!signer().accepts(id: ids[0], expires: other, signature: signature), "\(other)")
        }
        for position in [0, 31, 63] {
            var digits = Array(signature)
            digits[position] = digits[position] == "0" ? "1" : "0"
            #expect(!signer().accepts(id: ids[0], expires: expires, signature: String(digits)))
        }
        for other in ["", String(signature.dropLast()), signature + "0", signature + signature] {
            #expect(!signer().accepts(id: ids[0], expires: expires, signature: other))
        }
    }

    @Test func secretsAreLongAndNotTwiceTheSame() {
        let secrets = (0..<20).map { _ in ContentSigner.makeSecret() }
        #expect(Set(secrets).count == 20 && secrets.allSatisfy { $0.count == 64 })
    }
}
