/// Mutual exclusion by key, for tasks: whoever publishes or removes a blob's bytes holds the lock of its hash, so that
/// an upload of bytes can't slip between "nobody refers to them" and "they are removed".
public actor KeyedLock<Key: Hashable & Comparable & Sendable> {
    private var waiters: [Key: [CheckedContinuation<Void, Never>]] = [:]

    public init() {}

    /// Runs `body` while holding the locks of all the keys. Keys are taken in ascending order, so that two callers
    /// can't wait for each other.
    public nonisolated func withLocks<Result: Sendable>(
        _ keys: some Sequence<Key>, _ body: () async throws -> Result
    ) async rethrows -> Result {
        let ordered = Set(keys).sorted()
        for key in ordered { await acquire(key) }
        do {
            let result = try await body()
            for key in ordered { await release(key) }
            return result
        } catch {
            for key in ordered { await release(key) }
            throw error
        }
    }

    private func acquire(_ key: Key) async {
        if waiters[key] == nil {
            waiters[key] = []
            return
        }
        await withCheckedContinuation { waiters[key, default: []].append($0) }
    }

    private func release(_ key: Key) {
        guard var queue = waiters[key] else { return }
        if queue.isEmpty {
            waiters[key] = nil
        } else {
            let next = queue.removeFirst()
            waiters[key] = queue
            next.resume()
        }
    }
}
