import Domain
import LibraryTesting
import Testing

@testable import HTTPAPI

/// Limits for each key and class of route, in a rolling minute.
@Suite struct RateLimitTests {
    private func numbers(_ answer: TestAPI.Answer) -> [Int] {
        ["limit", "remaining", "reset"].map { Int(answer[header: "x-ratelimit-requests-\($0)"] ?? "") ?? -1 }
            + [Int(answer[header: "retry-after"] ?? "") ?? -1]
    }

    @Test func headersAreThereWithoutALimitToo() async throws {
        let api = try await TestAPI()
        let id = try await api.stored()
        for answer in [
            try await api.get("/v1/images"), try await api.get("/v1/images/\(id)"),
            try await api.search(["query": "red"]),
            try await api.upload(.files(Pictures.red)), try await api.get("/v1/images/x"),
            try await api.get("/v1/images?limit=0"),
            try await api.get("/v1/images/\(id)/content"),
        ] {
            let got = numbers(answer)
            #expect(got[0] > 0 && got[1] > 0 && got[2] >= 0 && got[3] == 0, "\(got)")
        }
        #expect(try await api.get("/v1/images", key: .some(nil))[header: "x-ratelimit-requests-limit"] == nil)
        #expect(try await api.get("/healthz")[header: "x-ratelimit-requests-limit"] == nil)
    }

    @Test func aLimitIsReachedAndPasses() async throws {
        let api = try await TestAPI(rateLimits: RateLimits(reads: 3))
        #expect(numbers(try await api.get("/v1/images")).prefix(2) == [3, 2])
        api.clock.advance(by: 10)
        #expect(numbers(try await api.get("/v1/images")).prefix(2) == [3, 1])
        #expect(numbers(try await api.get("/v1/images/x")).prefix(2) == [3, 0])
        let refused = try await api.get("/v1/images")
        #expect(refused.status == 429 && refused.error["type"] == "rate_limit_error")
        #expect(refused.error["code"] == "rate_limit_exceeded")
        let got = numbers(refused)
        #expect(got[0] == 3 && got[1] == 0 && got[3] > 0 && got[3] <= 51 && got[2] >= got[3])
        // After as many seconds as it says, and not one before.
        api.clock.advance(by: Double(got[3] - 1))
        #expect(try await api.get("/v1/images").status == 429)
        api.clock.advance(by: 1)
        #expect(try await api.get("/v1/images").status == 200)
        #expect(try await api.get("/v1/images").status == 429)
    }

    @Test func keysAndClassesCountByThemselves() async throws {
        let api = try await TestAPI(rateLimits: RateLimits(uploads: 1, searches: 1, reads: 1))
        let other = try await api.keyRing.create(accountName: "mine").text
        #expect(try await api.upload(.files(Pictures.red)).status == 200)
        #expect(try await api.search(["query": "red"]).status == 200)
        #expect(try await api.get("/v1/images").status == 200)
        #expect(try await api.upload(.files(Pictures.blue)).status == 429)
        #expect(try await api.search(["query": "red"]).status == 429)
        #expect(try await api.get("/v1/images").status == 429)
        #expect(try await api.get("/v1/images", key: other).json["total"] == 1)
        // Neither open routes nor signed URLs are anybody's request.
        for _ in 0..<5 { #expect(try await api.get("/healthz").status == 200) }
        #expect(api.library.temporaries == 0)
    }

    @Test func signedURLsAreNotCounted() async throws {
        let api = try await TestAPI(rateLimits: RateLimits(reads: 1))
        let url = try #require(try await api.upload(.files(Pictures.red)).results.first?["image_url"]?.string)
        for _ in 0..<3 {
            #expect(try await api.get(String(url.dropFirst("http://localhost".count)), key: .some(nil)).status == 200)
        }
    }

    /// Against the definition: a request counts for 60 seconds.
    @Test func agreesWithAListOfTimes() {
        let seed = UInt64.random(in: .min ... .max)
        print("RateLimitTests seed \(seed)")
        var random = SplitMix64(seed: seed)
        let clock = SetClock()
        let limiter = RateLimiter(RateLimits(searches: 5), clock: clock)
        let key = IdentifierGenerator(clock: clock).next(APIKey.self)
        var times: [Double] = []
        for _ in 0..<2000 {
            clock.advance(by: Double(random.below(16)))
            times.removeAll { $0 <= clock.now - 60 }
            let verdict = limiter.count(key, .search)
            #expect(verdict?.isAllowed == (times.count < 5), "seed \(seed)")
            if times.count < 5 { times.append(clock.now) }
            #expect(verdict?.remaining == 5 - times.count, "seed \(seed)")
        }
    }
}
