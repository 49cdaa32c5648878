import CKernels
import Domain
import Synchronization

/// One search of one account, worked on by one thread or several: each takes the most promising piece that is left,
/// scans its codes and scores the survivors with their half-precision vectors.
final class ScanJob: Sendable {
    private struct Shared {
        var plan: ScanPlan
        var hits: TopHits
        var helpers = 0
        var isClosed = false
    }

    private let state: ShardState
    private let query: VectorQuery
    private let code: QueryCode
    private let confidence: Float
    private let shared: Locked<Shared>
    /// Bits of the similarity a further hit must reach, for all threads to see.
    private let threshold: Atomic<UInt32>

    init(_ query: VectorQuery, state: ShardState, rotation: Rotation, configuration: SearchConfiguration) {
        self.state = state
        self.query = query
        code = QueryCode(query.embedding.values, rotation: rotation)
        confidence = configuration.codeConfidence
        let plan = ScanPlan(code, state: state, configuration: configuration, everything: query.exact)
        shared = Locked(Shared(plan: plan, hits: TopHits(limit: query.limit)))
        threshold = Atomic((query.minimumSimilarity ?? -.infinity).bitPattern)
    }

    private var currentThreshold: Float { Float(bitPattern: threshold.load(ordering: .relaxed)) }

    /// Works until nothing is left that can matter, with the help of other threads where they have time.
    func run(helpers threads: WorkerThreads?) -> [VectorHit] {
        if let threads {
            for _ in 1..<threads.count { threads.submit { self.help() } }
        }
        drain()
        // A helper that comes from now on finds the door closed; one inside has at most a piece left.
        shared.withLock { $0.isClosed = true }
        while shared.withLock({ $0.helpers }) > 0 { WorkerThreads.pause() }
        return shared.withLock { $0.hits.sorted }
    }

    private func help() {
        let enters = shared.withLock { shared in
            if !shared.isClosed { shared.helpers += 1 }
            return !shared.isClosed
        }
        guard enters else { return }
        drain()
        shared.withLock { $0.helpers -= 1 }
    }

    private func drain() {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: ScanPlan.pieceSlots) { slots in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: ScanPlan.pieceSlots) { bounds in
                while let piece = shared.withLock({ $0.plan.next(reaching: currentThreshold) }) {
                    if query.exact {
                        scoreAll(piece, slots: slots)
                    } else {
                        let count = survivors(of: piece, slots: slots, bounds: bounds)
                        if count > 0 { score(count, of: piece, slots: slots, bounds: bounds) }
                    }
                }
            }
        }
    }

    /// The slots of a piece the filter allows. Nil when there is no filter.
    private func allowed(_ piece: ScanPlan.Piece, into slots: UnsafeMutableBufferPointer<UInt32>) -> Int? {
        query.allowed.map { set in
            set.words.withUnsafeBufferPointer { words in
                guard let bitmap = words.baseAddress else { return 0 }
                return imago_select_rows(
                    state.segments[piece.segment].segment.rows, piece.first, piece.count, bitmap, words.count,
                    slots.baseAddress!)
            }
        }
    }

    /// Slots whose upper bound reaches the threshold.
    private func survivors(
        of piece: ScanPlan.Piece, slots: UnsafeMutableBufferPointer<UInt32>, bounds: UnsafeMutableBufferPointer<Float>
    ) -> Int {
        let listed = allowed(piece, into: slots)
        if listed == 0 { return 0 }
        var codes = state.segments[piece.segment].segment.codes
        return code.planes.withUnsafeBufferPointer { planes in
            var scan = code.scan(
                planes: planes.baseAddress!, similarity: piece.base, squaredNorm: piece.squaredNorm,
                confidence: confidence, threshold: currentThreshold)
            if let listed {
                return Kernels.table.scan_listed(
                    &codes, &scan, slots.baseAddress!, listed, slots.baseAddress!, bounds.baseAddress!)
            }
            return Kernels.table.scan(
                &codes, &scan, piece.first, piece.count, slots.baseAddress!, bounds.baseAddress!)
        }
    }

    private func score(
        _ count: Int, of piece: ScanPlan.Piece, slots: UnsafeMutableBufferPointer<UInt32>,
        bounds: UnsafeMutableBufferPointer<Float>
    ) {
        let view = state.segments[piece.segment]
        var next = 0
        // Many survivors mean a threshold that is too low yet: those with the best bounds raise it.
        if count > 4 * query.limit {
            var best = TopHits(limit: query.limit)
            for place in 0..<count { best.offer(VectorHit(row: ImageRow(place), similarity: bounds[place])) }
            for hit in best.heap {
                let place = Int(hit.row)
                offer(Int(slots[place]), of: view)
                // Not a number reaches no threshold: no slot is offered twice.
                bounds[place] = .nan
            }
        }
        while next < count {
            if next + 4 < count, bounds[next + 4] >= currentThreshold { prefetch(Int(slots[next + 4]), of: view) }
            if bounds[next] >= currentThreshold { offer(Int(slots[next]), of: view) }
            next += 1
        }
    }

    private func scoreAll(_ piece: ScanPlan.Piece, slots: UnsafeMutableBufferPointer<UInt32>) {
        let view = state.segments[piece.segment]
        guard let listed = allowed(piece, into: slots) else {
            let end = piece.first + piece.count
            for slot in piece.first..<end {
                prefetch(Swift.min(slot + 6, end - 1), of: view)
                offer(slot, of: view)
            }
            return
        }
        for place in 0..<listed {
            prefetch(Int(slots[Swift.min(place + 6, listed - 1)]), of: view)
            offer(Int(slots[place]), of: view)
        }
    }

    /// Half-precision vectors lie in no order: without a word beforehand each would be waited for.
    private func prefetch(_ slot: Int, of view: SegmentView) {
        let dimension = code.values.count
        imago_prefetch(state.vector(at: view.segment.locations[slot], dimension: dimension), dimension * 2)
    }

    /// Scores one slot exactly and keeps it if it is among the best.
    private func offer(_ slot: Int, of view: SegmentView) {
        guard !view.isDead(slot) else { return }
        let vector = state.vector(at: view.segment.locations[slot], dimension: code.values.count)
        let similarity = code.values.withUnsafeBufferPointer {
            Kernels.table.dot_half($0.baseAddress!, vector, $0.count)
        }
        // False too for what is not a number, which damaged memory could hold.
        guard similarity >= currentThreshold else { return }
        let hit = VectorHit(row: view.segment.rows[slot], similarity: similarity)
        shared.withLock { shared in
            guard shared.hits.offer(hit) else { return }
            let raised = Swift.max(shared.hits.threshold, query.minimumSimilarity ?? -.infinity)
            threshold.store(raised.bitPattern, ordering: .relaxed)
        }
    }
}
