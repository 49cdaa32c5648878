import Synchronization

/// A loop over chunks that several threads work at; the one that starts it takes part and waits for the others.
final class SharedLoop: Sendable {
    private let total: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic(0)
    private let door = Locked((helpers: 0, isClosed: false))

    private init(total: Int, body: @escaping @Sendable (Int) -> Void) {
        self.total = total
        self.body = body
    }

    /// Calls `body` once for each of 0..<total, in no order.
    static func run(_ total: Int, on threads: WorkerThreads?, body: @escaping @Sendable (Int) -> Void) {
        let loop = SharedLoop(total: total, body: body)
        if let threads, total > 1 {
            for _ in 0..<Swift.min(threads.count, total) - 1 { threads.submit(loop.help) }
        }
        loop.drain()
        loop.door.withLock { $0.isClosed = true }
        while loop.door.withLock({ $0.helpers }) > 0 { WorkerThreads.pause() }
    }

    private func help() {
        let enters = door.withLock { door in
            if !door.isClosed { door.helpers += 1 }
            return !door.isClosed
        }
        guard enters else { return }
        drain()
        door.withLock { $0.helpers -= 1 }
    }

    private func drain() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < total else { return }
            body(index)
        }
    }
}
