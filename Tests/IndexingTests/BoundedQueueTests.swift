import Testing

@testable import Indexing

@Suite struct BoundedQueueTests {
    @Test func everythingPushedIsPoppedOnceThoughProducersAreHeldBack() async {
        let queue = BoundedQueue<Int>(capacity: 3)
        let popped = await withTaskGroup(of: [Int].self) { group in
            group.addTask {
                await withTaskGroup { producers in
                    for producer in 0..<8 {
                        producers.addTask { for item in 0..<200 { _ = await queue.push(producer * 200 + item) } }
                    }
                }
                queue.close()
                return []
            }
            for _ in 0..<4 {
                group.addTask {
                    var taken: [Int] = []
                    while true {
                        let some = await queue.pop(upTo: 5)
                        if some.isEmpty { return taken }
                        #expect(some.count <= 3)
                        taken += some
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(popped.sorted() == Array(0..<1600))
    }

    @Test func aClosedQueueTakesNothingAndDrains() async {
        let queue = BoundedQueue<Int>(capacity: 2)
        #expect(await queue.push(1))
        queue.close()
        #expect(await !queue.push(2))
        #expect(await queue.pop(upTo: 9) == [1])
        #expect(await queue.pop(upTo: 9).isEmpty)
    }
}
