@testable import ImagoClient
import Testing

@Suite struct RetryPolicyTests {
    /// The delays until the policy gives up, with no luck in the draw.
    private func delays(_ policy: RetryPolicy, _ error: ClientError, random: Double = 0) -> [Double] {
        var history = RetryPolicy.History()
        var delays: [Double] = []
        while let delay = policy.delay(after: error, history: &history, random: random), delays.count < 1000 {
            delays.append(delay)
        }
        return delays
    }

    @Test func delaysDoubleUpToALimit() {
        let policy = RetryPolicy(
            maximumFailures: 7, retriesUnreachable: true, patience: 0, firstDelay: 1, longestDelay: 10)
        #expect(delays(policy, ClientError(.connectionLost, ""), random: 1) == [1, 2, 4, 8, 10, 10])
        #expect(delays(policy, ClientError(.connectionLost, "")) == [0.5, 1, 2, 4, 5, 5])
    }

    @Test func theServersTimeIsKeptWithinReason() {
        let policy = RetryPolicy(maximumFailures: 2, retriesUnreachable: true, patience: 1000)
        let asked = delays(policy, ClientError(.unavailable, "", retryAfter: 60))
        #expect(asked.count == 16)
        #expect(asked.allSatisfy { $0 >= 60 && $0 < 64 })
        #expect(delays(policy, ClientError(.rateLimited, "", retryAfter: 1e9)).allSatisfy { $0 < 310 })
        #expect(delays(policy, ClientError(.rateLimited, "", retryAfter: -5)).allSatisfy { $0 >= 0 })
    }

    @Test func whatCannotSucceedIsNotTriedAgain() {
        for kind in [
            ClientError.Kind.notPermitted, .notFound, .conflict, .tooLarge, .unsupported, .invalidRequest,
            .malformedAnswer, .localFile, .badAddress,
        ] {
            #expect(delays(.persistent, ClientError(kind, "")).isEmpty)
        }
        #expect(delays(.interactive, ClientError(.unreachable, "")).isEmpty)
        #expect(!delays(.persistent, ClientError(.unreachable, "")).isEmpty)
        #expect(delays(.persistent, ClientError(.serverFault, "")).count == 2)
        #expect(delays(.none, ClientError(.unavailable, "", retryAfter: 1)).isEmpty)
    }
}

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("localhost:9000", "http://localhost:9000"),
        (" https://a.example/imago/ ", "https://a.example/imago"), ("http://[::1]:8080//", "http://[::1]:8080"),
    ])
    func addressesAreRead(text: String, address: String) throws {
        #expect(try ServerAddress(text).text == address)
    }

    @Test(arguments: ["", "ftp://x", "http://", "http://a?b=c", "http://user:pw@host", "http://a#b", "http://a b"])
    func othersAreRefused(text: String) {
        #expect(throws: ClientError.self) { try ServerAddress(text) }
    }

    @Test func queriesAreEncoded() throws {
        let url = try ServerAddress("http://h").url("/p", query: [.init("meta.n[gte]", "1,ä&b=c d")])
        #expect(url == "http://h/p?meta.n%5Bgte%5D=1%2C%C3%A4%26b%3Dc%20d")
    }
}
