import Library
import Synchronization
import TestSupport
import Testing

@Suite struct KeyedLockTests {
    @Test func oneAtATimeForEachKeyAndNobodyWaitsForever() async {
        let lock = KeyedLock<Int>()
        let inside = Mutex([Int: Int]())
        let runs = Mutex(0)
        await withTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(worker))
                    for _ in 0..<50 {
                        let keys = (0...random.below(4)).map { _ in random.below(5) }
                        await lock.withLocks(keys) {
                            for key in Set(keys) {
                                #expect(inside.withLock { $0[key, default: 0] } == 0)
                                inside.withLock { $0[key, default: 0] += 1 }
                            }
                            await Task.yield()
                            for key in Set(keys) { inside.withLock { $0[key, default: 0] -= 1 } }
                        }
                        runs.withLock { $0 += 1 }
                    }
                }
            }
        }
        #expect(runs.withLock { $0 } == 800)
    }

    @Test func anErrorGivesTheLocksBack() async throws {
        struct Fault: Error {}
        let lock = KeyedLock<Int>()
        await #expect(throws: Fault.self) { try await lock.withLocks([1, 2]) { throw Fault() } }
        #expect(await lock.withLocks([2, 1]) { 5 } == 5)
    }
}
