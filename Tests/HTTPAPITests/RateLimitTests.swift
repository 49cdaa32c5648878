import Domain
import Testing

@testable import HTTPAPI

@Suite struct RateLimitTests {
    @Test func aKeyIsHeldToItsLimitInARollingMinute() async throws {
        let service = try await Service(HTTPAPIConfiguration(rateLimits: RateLimits(uploads: 1, reads: 2)))
        let other = try await service.keyRing.create(accountName: "test").text
        try await service.run { client in
            let first = try await client.get("/v1/images")
            #expect(first[header: "x-ratelimit-requests-limit"] == "2" && first[header: "Retry-After"] == "0")
            #expect(first[header: "x-ratelimit-requests-remaining"] == "1")
            service.clock.advance(by: 30)
            #expect(try await client.get("/v1/images")[header: "x-ratelimit-requests-remaining"] == "0")
            let refused = try await client.get("/v1/images")
            #expect(refused.status == 429 && refused.error["code"] == "rate_limit_exceeded")
            #expect(refused.error["type"] == "rate_limit_error")
            #expect(refused[header: "Retry-After"] == "30" && refused[header: "x-ratelimit-requests-reset"] == "60")
            // Other keys and other kinds of requests have counts of their own.
            #expect(try await client.with(key: other).get("/v1/images").status == 200)
            #expect(try await client.upload([Bitmap.red]).status == 200)
            #expect(try await client.upload([Bitmap.red]).status == 429)
            let search = try await client.json(.post, "/v1/images/search", ["query": "red"])
            #expect(search.status == 200 && search[header: "x-ratelimit-requests-limit"] == "2147483647")
            // The first request leaves the window, the second stays; what was refused was not counted.
            service.clock.advance(by: 30)
            #expect(try await client.get("/v1/images").status == 200)
            #expect(try await client.get("/v1/images").status == 429)
            service.clock.advance(by: 3600)
            #expect(try await client.get("/v1/images")[header: "x-ratelimit-requests-remaining"] == "1")
            #expect(try await client.with(key: nil).get("/healthz")[header: "x-ratelimit-requests-limit"] == nil)
        }
    }

    /// Against the definition: a request counts for 60 seconds.
    @Test func agreesWithAListOfTimes() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var state = seed
        let clock = TestClock()
        let limiter = RateLimiter(RateLimits(searches: 5), clock: clock)
        let key = IdentifierGenerator(clock: clock).next(APIKey.self)
        var times: [Double] = []
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            clock.advance(by: Double(state >> 60))
            times.removeAll { $0 <= clock.now - 60 }
            let verdict = limiter.count(key, .search)
            #expect(verdict?.isAllowed == (times.count < 5))
            if times.count < 5 { times.append(clock.now) }
            #expect(verdict?.remaining == 5 - times.count)
        }
    }
}
