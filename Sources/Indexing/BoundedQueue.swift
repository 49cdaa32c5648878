import Synchronization

/// A first-in, first-out channel of bounded length between two stages: a full one holds its producers back, an empty one
/// its consumers, and a consumer may take several elements at once, as many as are there.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var closed = false
        var producers: [CheckedContinuation<Void, Never>] = []
        var consumers: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            defer {
                producers = []
                consumers = []
            }
            return producers + consumers
        }
    }
    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Waits for room. False when the queue was closed; the element is not in it then.
    func push(_ element: Element) async -> Bool {
        while true {
            let done: Bool? = state.withLock { state in
                if state.closed { return false }
                guard state.elements.count < capacity else { return nil }
                state.elements.append(element)
                return true
            }
            if let done {
                wake(\.consumers)
                return done
            }
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.closed || state.elements.count < capacity { return true }
                    state.producers.append(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
        }
    }

    /// Waits for an element and takes up to `maximum` of those there. Empty when the queue is closed and drained.
    func pop(upTo maximum: Int) async -> [Element] {
        while true {
            let taken: [Element]? = state.withLock { state in
                if state.elements.isEmpty { return state.closed ? [] : nil }
                let count = min(maximum, state.elements.count)
                defer { state.elements.removeFirst(count) }
                return Array(state.elements.prefix(count))
            }
            if let taken {
                wake(\.producers)
                return taken
            }
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.closed || !state.elements.isEmpty { return true }
                    state.consumers.append(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
        }
    }

    /// No element comes in any more; those in it can still be taken.
    func close() {
        let waiters = state.withLock { state in
            state.closed = true
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    private func wake(_ side: WritableKeyPath<State, [CheckedContinuation<Void, Never>]> & Sendable) {
        let waiters = state.withLock { state in
            defer { state[keyPath: side] = [] }
            return state[keyPath: side]
        }
        for waiter in waiters { waiter.resume() }
    }
}
