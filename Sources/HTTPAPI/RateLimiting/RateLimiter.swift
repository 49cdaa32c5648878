import Domain
import Synchronization

/// Which limit a route counts against.
enum RouteClass: Int, Sendable, CaseIterable { case upload, search, read }

/// Counts each key's requests in a rolling minute, by class of route.
///
/// A window is 60 counts of a second each, so memory is the same however high the limit; a request is forgotten 60 to 61
/// seconds after it came.
final class RateLimiter: Sendable {
    static let window = 60

    /// What one request is told.
    struct Verdict: Sendable, Equatable {
        let isAllowed: Bool
        let limit: Int
        let remaining: Int
        /// Seconds until the whole limit is there again, if nothing more is asked.
        let reset: Int
        /// Seconds until a request is allowed; 0 when this one was.
        let retryAfter: Int
    }

    private struct Window {
        var counts = [Int32](repeating: 0, count: RateLimiter.window)
        var total = 0
        /// The second that `counts[second % 60]` is for.
        var second: Int

        init(second: Int) { self.second = second }

        /// Forgets what has left the window. A clock that went back changes nothing.
        mutating func advance(to now: Int) {
            guard now > second else { return }
            for passed in 1...min(now - second, RateLimiter.window) {
                let slot = (second + passed) % RateLimiter.window
                total -= Int(counts[slot])
                counts[slot] = 0
            }
            second = now
        }

        /// Seconds until so many requests have left the window.
        func wait(until leaving: Int) -> Int {
            var left = 0
            for age in 1...RateLimiter.window {
                left += Int(counts[(second + age) % RateLimiter.window])
                if left >= leaving { return age }
            }
            return RateLimiter.window
        }
    }

    private struct Counter: Hashable {
        let key: APIKeyID
        let routes: RouteClass
    }

    private struct State {
        var windows: [Counter: Window] = [:]
        var sweepAt = 0
    }
    private let limits: [Int?]
    private let clock: any TimeSource
    private let state = Mutex(State())

    init(_ limits: RateLimits, clock: any TimeSource) {
        self.limits = [limits.uploads, limits.searches, limits.reads]
        self.clock = clock
    }

    /// Counts a request, unless the limit is reached. Nil where no limit is set.
    func count(_ key: APIKeyID, _ routes: RouteClass) -> Verdict? {
        guard let limit = limits[routes.rawValue] else { return nil }
        let now = Int(clock.now)
        return state.withLock { state in
            Self.sweep(&state, now)
            let counter = Counter(key: key, routes: routes)
            var window = state.windows[counter] ?? Window(second: now)
            window.advance(to: now)
            let isAllowed = window.total < limit
            if isAllowed {
                window.counts[window.second % Self.window] += 1
                window.total += 1
            }
            state.windows[counter] = window
            return Verdict(
                isAllowed: isAllowed, limit: limit, remaining: limit - window.total,
                reset: window.wait(until: window.total),
                retryAfter: isAllowed ? 0 : window.wait(until: window.total - limit + 1))
        }
    }

    /// Keys that have gone quiet take no memory.
    private static func sweep(_ state: inout State, _ now: Int) {
        guard now >= state.sweepAt else { return }
        state.sweepAt = now + 10 * window
        state.windows = state.windows.filter { now - $0.value.second < window }
    }
}
