import HTTPTypes
import Hummingbird

/// Holds keys to their limits, and tells every authenticated answer's reader how much is left.
struct RateLimiting: RouterMiddleware {
    let limiter: RateLimiter
    let routes: RouteClass

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        // A signed URL is nobody's request: there is no key to count it for.
        guard let key = context.record.key else { return try await next(request, context) }
        let verdict = limiter.count(key.id, routes) ?? Self.unlimited
        context.record.rateLimit = Self.headers(verdict)
        guard verdict.isAllowed else {
            throw APIError(
                .tooManyRequests, .rateLimit, code: "rate_limit_exceeded",
                "this key has made \(verdict.limit) requests of this kind in the last minute, the limit; "
                    + "try again in \(verdict.retryAfter) s")
        }
        return try await next(request, context)
    }

    /// Where no limit is set the headers are there all the same, so that clients which read them find numbers.
    private static let unlimited = RateLimiter.Verdict(
        isAllowed: true, limit: Int(Int32.max), remaining: Int(Int32.max), reset: 0, retryAfter: 0)

    private static func headers(_ verdict: RateLimiter.Verdict) -> HTTPFields {
        var headers = HTTPFields()
        headers[.rateLimitLimit] = String(verdict.limit)
        headers[.rateLimitRemaining] = String(verdict.remaining)
        headers[.rateLimitReset] = String(verdict.reset)
        headers[.retryAfter] = String(verdict.retryAfter)
        return headers
    }
}

extension HTTPField.Name {
    static let rateLimitLimit = Self("x-ratelimit-requests-limit")!
    static let rateLimitRemaining = Self("x-ratelimit-requests-remaining")!
    static let rateLimitReset = Self("x-ratelimit-requests-reset")!
}
