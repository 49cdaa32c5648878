import Domain

/// The best hits so far, at most `limit`: a heap with the worst on top. Ties go to the smaller row.
struct TopHits {
    private(set) var heap: [VectorHit] = []
    let limit: Int

    init(limit: Int) {
        self.limit = limit
        heap.reserveCapacity(Swift.min(limit, 1024))
    }

    var isFull: Bool { heap.count >= limit }

    /// The similarity a further hit must reach to matter.
    var threshold: Float { isFull ? heap[0].similarity : -.infinity }

    var sorted: [VectorHit] { heap.sorted { Self.isWorse($1, $0) } }

    /// - Returns: whether it was taken.
    @discardableResult
    mutating func offer(_ hit: VectorHit) -> Bool {
        guard isFull else {
            heap.append(hit)
            var child = heap.count - 1
            while child > 0, Self.isWorse(heap[child], heap[(child - 1) / 2]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
            return true
        }
        guard Self.isWorse(heap[0], hit) else { return false }
        heap[0] = hit
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if Self.isWorse(heap[child], heap[worst]) { worst = child }
            }
            guard worst != parent else { return true }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }

    private static func isWorse(_ left: VectorHit, _ right: VectorHit) -> Bool {
        left.similarity != right.similarity ? left.similarity < right.similarity : left.row > right.row
    }
}
