import Synchronization

/// Memory that transfers share: whoever finds too little left waits in line.
final class ByteBudget: Sendable {
    private struct Waiter {
        let id: UInt64
        let count: Int
        let continuation: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var free: Int
        var lowest: Int
        var nextID: UInt64 = 0
        var waiters: [Waiter] = []
        var cancelled: Set<UInt64> = []
    }
    private let state: Mutex<State>
    private let total: Int

    /// - Parameter total: bytes.
    init(total: Int) {
        precondition(total > 0)
        self.total = total
        state = Mutex(State(free: total, lowest: total))
    }

    /// The most bytes that were in use at once.
    var peak: Int { state.withLock { total - $0.lowest } }

    /// Runs `body` while `count` bytes are set aside for it; more than there are in all counts as all.
    func withBytes<Value>(_ count: Int, _ body: () async throws -> Value) async throws -> Value {
        let count = min(count, total)
        try await take(count)
        defer { giveBack(count) }
        return try await body()
    }

    private func take(_ count: Int) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if state.waiters.isEmpty, state.free >= count {
                        state.free -= count
                        state.lowest = min(state.lowest, state.free)
                        return .success(())
                    }
                    state.waiters.append(Waiter(id: id, count: count, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            cancel(id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }

    private func cancel(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let position = state.waiters.firstIndex(where: { $0.id == id }) else {
                // Not in line yet, or served already: then the mark is taken away again.
                state.cancelled.insert(id)
                return nil
            }
            return state.waiters.remove(at: position)
        }
        waiter?.continuation.resume(throwing: CancellationError())
        if waiter != nil { serve() }
    }

    private func giveBack(_ count: Int) {
        state.withLock { $0.free += count }
        serve()
    }

    /// Lets those at the head of the line in while there is room.
    private func serve() {
        let served: [Waiter] = state.withLock { state in
            var served: [Waiter] = []
            while let first = state.waiters.first, state.free >= first.count {
                state.free -= first.count
                state.lowest = min(state.lowest, state.free)
                served.append(state.waiters.removeFirst())
            }
            return served
        }
        for waiter in served { waiter.continuation.resume() }
    }
}
