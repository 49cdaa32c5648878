import Library
import Synchronization
import LibraryTesting
import Testing

/// How many are inside of each key's lock, and how many have been.
private final class Visitors: Sendable {
    private let counts = Mutex([Int: Int]())
    private let total = Mutex(0)
    var all: Int { total.withLock { $0 } }

    /// Comes in; false when somebody is there already.
    func enter(_ key: Int) -> Bool {
        counts.withLock { counts in
            counts[key, default: 0] += 1
            return counts[key] == 1
        }
    }

    func leave(_ keys: Set<Int>) {
        counts.withLock { counts in for key in keys { counts[key, default: 0] -= 1 } }
        total.withLock { $0 += 1 }
    }
}

@Suite struct KeyedLockTests {
    @Test func oneAtATimeForEachKeyAndNobodyWaitsForever() async {
        let lock = KeyedLock<Int>()
        let visitors = Visitors()
        await withTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(worker))
                    for _ in 0..<50 {
                        let keys = Set((0...random.below(4)).map { _ in random.below(5) })
                        await lock.withLocks(keys) {
                            for key in keys { #expect(visitors.enter(key)) }
                            await Task.yield()
                            visitors.leave(keys)
                        }
                    }
                }
            }
        }
        #expect(visitors.all == 800)
    }

    @Test func anErrorGivesTheLocksBack() async throws {
        struct Fault: Error {}
        let lock = KeyedLock<Int>()
        await #expect(throws: Fault.self) { try await lock.withLocks([1, 2]) { throw Fault() } }
        #expect(await lock.withLocks([2, 1]) { 5 } == 5)
    }
}
