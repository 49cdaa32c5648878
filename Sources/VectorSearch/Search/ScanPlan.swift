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
    }

    /// A group that may be visited.
    private struct Candidate {
        /// No vector of the group is likely to have a higher similarity.
        var bound: Float
        let group: Int32
        let segment: Int32
        /// Whether the bound comes from the centroid itself, or from its code as yet.
        var isRefined: Bool
    }

    /// Codes scanned in one go: they and the outputs stay in the second-level cache.
    static let pieceSlots = 4096
    /// Groups visited before what is always scanned: they raise the threshold.
    private static let lead = 8

    private let query: QueryCode
    private let segments: [Segment]
    /// Standard deviations times the spread in the query's direction, for groups of radius 1, by segment.
    private var reach: [Float]
    /// The candidate with the highest bound on top.
    private var heap: [Candidate] = []
    /// Pieces that are scanned whatever the threshold.
    private var unconditional: [Piece] = []
    private var taken = 0

    /// - Parameter everything: scan all there is, without a bound.
    init(_ query: QueryCode, state: ShardState, configuration: SearchConfiguration, everything: Bool) {
        self.query = query
        segments = state.segments.map(\.segment)
        reach = [Float](repeating: 0, count: segments.count)
        for (index, view) in state.segments.enumerated() where view.count > 0 {
            let groups = view.segment.groups
            guard !everything, let scatter = groups.scatter, let outline = groups.outline else {
                for group in 0..<groups.count {
                    let end = groups.starts.isEmpty ? view.count : groups.starts[group + 1]
                    addUnconditional(index, group, from: groups.starts.isEmpty ? 0 : groups.starts[group], to: end)
                }
                continue
            }
            reach[index] = configuration.groupConfidence * scatter.deviation(along: query.rotated)
            let bounds = outline.bounds(query, confidence: configuration.codeConfidence)
            for group in 0..<groups.count where groups.starts[group + 1] > groups.starts[group] {
                heap.append(
                    Candidate(
                        bound: bounds[group] + reach[index] * groups.radii[group], group: Int32(group),
                        segment: Int32(index), isRefined: false))
            }
        }
        for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(parent) }
    }

    private mutating func addUnconditional(_ index: Int, _ group: Int, from first: Int, to end: Int) {
        let groups = segments[index].groups
        let base = groups.similarity(of: query.rotated, group: group)
        for start in stride(from: first, to: end, by: Self.pieceSlots) {
            unconditional.append(
                Piece(
                    segment: index, first: start, count: Swift.min(Self.pieceSlots, end - start), base: base,
                    squaredNorm: groups.squaredNorms[group]))
        }
    }

    /// The most promising piece, nil when none is left that reaches the threshold.
    mutating func next(reaching threshold: Float) -> Piece? {
        while let top = heap.first, top.bound >= threshold, taken < Self.lead || unconditional.isEmpty {
            let index = Int(top.segment)
            let group = Int(top.group)
            let groups = segments[index].groups
            let base = groups.similarity(of: query.rotated, group: group)
            if !top.isRefined {
                heap[0].bound = base + reach[index] * groups.radii[group]
                heap[0].isRefined = true
                sink(0)
                continue
            }
            removeTop()
            taken += 1
            let first = groups.starts[group]
            let end = groups.starts[group + 1]
            if end - first > Self.pieceSlots { addUnconditional(index, group, from: first + Self.pieceSlots, to: end) }
            return Piece(
                segment: index, first: first, count: Swift.min(Self.pieceSlots, end - first), base: base,
                squaredNorm: groups.squaredNorms[group])
        }
        return unconditional.popLast()
    }

    private mutating func removeTop() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
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
