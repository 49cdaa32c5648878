import Domain

/// Hashes by when they were last used. Using one again only writes a new entry; stale ones are passed over later.
struct UseOrder: Sendable {
    private var stamps: [ContentHash: UInt64] = [:]
    private var queue: [(hash: ContentHash, stamp: UInt64)] = []
    private var head = 0
    private var clock: UInt64 = 0

    mutating func use(_ hash: ContentHash) {
        clock += 1
        stamps[hash] = clock
        queue.append((hash, clock))
        if queue.count - head > 2 * stamps.count + 64 { compact() }
    }

    mutating func forget(_ hash: ContentHash) { stamps[hash] = nil }

    /// Takes out the one that was not used for longest.
    mutating func popOldest() -> ContentHash? {
        while head < queue.count {
            let (hash, stamp) = queue[head]
            head += 1
            if stamps[hash] == stamp {
                stamps[hash] = nil
                if head > 1024, head > queue.count / 2 { compact() }
                return hash
            }
        }
        return nil
    }

    private mutating func compact() {
        queue = queue[head...].filter { stamps[$0.hash] == $0.stamp }
        head = 0
    }
}
