import CKernels
import Domain

/// One account's vectors. Readers take the published state and never wait for a writer's work; writers come one at a
/// time, on the index's writing thread.
final class Shard: Sendable {
    struct Writer {
        var table = RowTable()
        /// Sum of rotated vectors, and of how many, for the centre of the next segment.
        var sum: [Float] = []
        var summed = 0
        /// No place in the last segment may be used: a compaction has taken it.
        var isSealed = true
        var isCompacting = false
        /// Slots of the first segment, where a compaction made it.
        var compacted = 0
    }

    /// Vectors one step of a shared loop encodes.
    static let chunk = 256
    private static let smallestSegment = 256

    let rotation: Rotation
    let folder: String?
    private let published = Locked(ShardState())
    let writer = Locked(Writer())

    init(rotation: Rotation, folder: String?) {
        self.rotation = rotation
        self.folder = folder
    }

    /// With what a snapshot held. Its segments are complete: new vectors go to others.
    init(rotation: Rotation, folder: String?, state: ShardState) {
        self.rotation = rotation
        self.folder = folder
        published.withLock { $0 = state }
        writer.withLock { writer in
            writer.table = RowTable(minimumCapacity: state.count)
            for view in state.segments {
                for slot in 0..<view.count where !view.isDead(slot) {
                    writer.table.set(view.segment.rows[slot], slot: view.firstSlot + slot, in: state)
                }
            }
            writer.compacted = state.segments.first?.count ?? 0
        }
    }

    /// What a search started now sees.
    var state: ShardState { published.withLock { $0 } }

    func publish(_ state: ShardState) {
        // The old state is let go outside the lock: its last reference may free much memory.
        let old = published.withLock { current in
            let old = current
            current = state
            return old
        }
        withExtendedLifetime(old) {}
    }

    func insert(_ entries: [VectorEntry], helpers: WorkerThreads) {
        writer.withLock { writer in
            var state = self.state
            accumulate(entries, into: &writer)
            var places: [(segment: Int, slot: Int)] = []
            places.reserveCapacity(entries.count)
            for (position, entry) in entries.enumerated() {
                if let old = writer.table.slot(of: entry.row, in: state) { state.remove(slot: old) }
                if writer.isSealed || state.segments.last.map({ $0.count == $0.segment.capacity }) ?? true {
                    addSegment(to: &state, writer: &writer, expecting: entries.count - position)
                }
                let index = state.segments.count - 1
                let slot = state.segments[index].count
                state.segments[index].segment.rows[slot] = entry.row
                state.segments[index].count += 1
                state.count += 1
                writer.table.set(entry.row, slot: state.segments[index].firstSlot + slot, in: state)
                places.append((index, slot))
            }
            let rotation = rotation
            let written = state
            let targets = places
            SharedLoop.run((entries.count + Self.chunk - 1) / Self.chunk, on: helpers) { chunk in
                let range = chunk * Self.chunk..<Swift.min(entries.count, (chunk + 1) * Self.chunk)
                Self.encode(entries, range, places: targets, state: written, rotation: rotation)
            }
            publish(state)
        }
    }

    func remove(_ rows: [ImageRow]) {
        writer.withLock { writer in
            var state = self.state
            for row in rows {
                if let slot = writer.table.slot(of: row, in: state) { state.remove(slot: slot) }
            }
            publish(state)
        }
    }

    /// Every new segment is centred at the mean of what came before; a few vectors of a batch tell it well enough.
    private func accumulate(_ entries: [VectorEntry], into writer: inout Writer) {
        if writer.sum.isEmpty { writer.sum = [Float](repeating: 0, count: rotation.padded) }
        for position in stride(from: 0, to: entries.count, by: Swift.max(1, entries.count / 128)) {
            let rotated = rotation.rotated(entries[position].embedding.values)
            for component in rotated.indices { writer.sum[component] += rotated[component] }
            writer.summed += 1
        }
    }

    private func addSegment(to state: inout ShardState, writer: inout Writer, expecting: Int) {
        let wanted = Swift.max(expecting, state.count, Self.smallestSegment)
        let capacity = Swift.min(VectorBlock.maximumCapacity, wanted)
        let centroid = writer.sum.map { $0 / Float(writer.summed) }
        let block = UInt32(
            state.add(VectorBlock(capacity: capacity, dimension: rotation.dimension, folder: folder)))
        let segment = Segment(capacity: capacity, groups: Groups(centroid: centroid), words: rotation.words)
        for slot in 0..<capacity { segment.locations[slot] = block << 16 | UInt32(slot) }
        let first = state.segments.last.map { $0.firstSlot + $0.segment.capacity } ?? 0
        state.segments.append(SegmentView(segment: segment, firstSlot: first, count: 0))
        writer.isSealed = false
    }

    private static func encode(
        _ entries: [VectorEntry], _ range: Range<Int>, places: [(segment: Int, slot: Int)], state: ShardState,
        rotation: Rotation
    ) {
        let table = Kernels.table
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rotation.padded) { buffer in
            let rotated = buffer.baseAddress!
            for position in range {
                let (index, slot) = places[position]
                let segment = state.segments[index].segment
                let stored = UnsafeMutablePointer(
                    mutating: state.vector(at: segment.locations[slot], dimension: rotation.dimension))
                entries[position].embedding.values.withUnsafeBufferPointer {
                    table.narrow($0.baseAddress!, stored, rotation.dimension)
                }
                rotation.load(stored, into: rotated)
                segment.write(slot: slot, rotated: rotated, group: 0, words: rotation.words)
            }
        }
    }
}

extension Rotation {
    /// A stored vector, rotated.
    func load(_ stored: UnsafePointer<UInt16>, into target: UnsafeMutablePointer<Float>) {
        Kernels.table.widen(stored, target, dimension)
        for position in dimension..<padded { target[position] = 0 }
        apply(target)
    }
}
