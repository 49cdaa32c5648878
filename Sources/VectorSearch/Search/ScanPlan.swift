import CKernels
import Domain

/// Pieces of an account to scan for one query, those with the highest bounds first.
struct ScanPlan {
    /// Slots first..<first + count of one group of one segment.
    struct Piece {
        let segment: Int
        let first: Int
        let count: Int
        /// Dot product of query and centroid, and the centroid's squared norm.
        let base: Float
        let squaredNorm: Float
        /// No vector in the piece is likely to have a higher similarity.
        let bound: Float
    }

    /// Codes scanned in one go: they and the outputs stay in the second-level cache.
    static let pieceSlots = 4096

    /// Grouped pieces scanned before those that are always scanned: they raise the threshold.
    private static let lead = 4

    /// Pieces of groups, the highest bound on top.
    private var heap: [Piece] = []
    /// Pieces that are scanned whatever the threshold.
    private var unconditional: [Piece] = []
    private var taken = 0

    /// - Parameter confidence: of the groups' bounds; nil to scan everything.
    init(_ query: QueryCode, state: ShardState, confidence: Float?) {
        let dot = Kernels.table.dot!
        for (index, view) in state.segments.enumerated() where view.count > 0 {
            let groups = view.segment.groups
            let deviation = confidence.flatMap { confidence in
                groups.scatter.map { confidence * $0.deviation(along: query.rotated) }
            }
            groups.centroids.withUnsafeBufferPointer { centroids in
                for group in 0..<groups.count {
                    let first = groups.starts.isEmpty ? 0 : groups.starts[group]
                    let end = groups.starts.isEmpty ? view.count : groups.starts[group + 1]
                    guard end > first else { continue }
                    let base = query.rotated.withUnsafeBufferPointer {
                        dot($0.baseAddress!, centroids.baseAddress! + group * $0.count, $0.count)
                    }
                    let bound = deviation.map { base + groups.radii[group] * $0 }
                    for start in stride(from: first, to: end, by: Self.pieceSlots) {
                        let piece = Piece(
                            segment: index, first: start, count: Swift.min(Self.pieceSlots, end - start), base: base,
                            squaredNorm: groups.squaredNorms[group], bound: bound ?? .infinity)
                        if bound == nil { unconditional.append(piece) } else { heap.append(piece) }
                    }
                }
            }
        }
        for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
    }

    /// The most promising piece, nil when none is left that reaches the threshold.
    mutating func next(reaching threshold: Float) -> Piece? {
        guard let top = heap.first, top.bound >= threshold, taken < Self.lead || unconditional.isEmpty else {
            return unconditional.popLast()
        }
        taken += 1
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink(0)
        }
        return top
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var best = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].bound > heap[best].bound {
                best = child
            }
            guard best != parent else { return }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
