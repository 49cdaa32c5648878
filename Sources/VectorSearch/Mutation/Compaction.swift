import CKernels
import Domain

extension Shard {
    /// Slots outside the compacted segment from which a compaction pays: a quarter of it, so that the work over an
    /// account's life is a small multiple of its size.
    private static let smallestTail = 4096

    /// Notes that a compaction is to come and returns true, if one is due and none is under way.
    func claimCompaction(groupingThreshold: Int) -> Bool {
        writer.withLock { writer in
            guard !writer.isCompacting else { return false }
            let state = self.state
            let dead = state.slots - state.count
            let tail = state.slots - writer.compacted + dead
            let least = Swift.max(
                Swift.min(Self.smallestTail, Swift.max(64, groupingThreshold / 4)), writer.compacted / 4)
            writer.isCompacting = tail >= least
            return writer.isCompacting
        }
    }

    /// Notes that a compaction is to come and returns true, if it would change anything and none is under way.
    func claimSettling() -> Bool {
        writer.withLock { writer in
            let state = self.state
            guard !writer.isCompacting, state.slots > writer.compacted || state.count < state.slots else {
                return false
            }
            writer.isCompacting = true
            return true
        }
    }

    /// Makes one segment of everything there is now. Mutations go on meanwhile, in segments of their own.
    func compact(configuration: SearchConfiguration, helpers: WorkerThreads) {
        let (frozen, blocks) = writer.withLock { writer in
            writer.isSealed = true
            let frozen = self.state
            return (frozen, self.roomToCopy(frozen))
        }
        let vectors = FrozenVectors(frozen, rotation: rotation)
        guard vectors.count > 0 else { return install(nil, over: frozen, freeing: true) }
        let builder = SegmentBuilder(vectors: vectors, helpers: helpers, blocks: blocks)
        let segment = builder.build(
            grouping: vectors.count >= configuration.groupingThreshold, seed: configuration.seed)
        install(segment, over: frozen, freeing: !blocks.isEmpty)
        // Training leaves as much free memory behind as the codes take; it is wanted elsewhere.
        if vectors.count >= configuration.groupingThreshold { imago_release_free_memory() }
    }

    /// New blocks, when half as much again as is alive lies in the old ones; none otherwise. They are part of the
    /// published state from here on, so that no other gets their numbers.
    private func roomToCopy(_ frozen: ShardState) -> [(number: Int, block: VectorBlock)] {
        let held = frozen.blocks.reduce(0) { $0 + ($1?.capacity ?? 0) }
        guard held > frozen.count * 3 / 2 + VectorBlock.maximumCapacity else { return [] }
        var state = frozen
        var blocks: [(number: Int, block: VectorBlock)] = []
        for start in stride(from: 0, to: frozen.count, by: VectorBlock.maximumCapacity) {
            let capacity = Swift.min(VectorBlock.maximumCapacity, frozen.count - start)
            let block = VectorBlock(capacity: capacity, dimension: rotation.dimension, folder: folder)
            blocks.append((state.add(block), block))
        }
        publish(state)
        return blocks
    }

    /// Puts a segment in the place of those it was made from, less what died while it was made.
    private func install(_ segment: Segment?, over frozen: ShardState, freeing: Bool) {
        // The table of the new segment's rows is made before the writers are stopped.
        var base = ShardState()
        var table = RowTable(minimumCapacity: segment?.capacity ?? 0)
        if let segment {
            base.segments = [SegmentView(segment: segment, firstSlot: 0, count: segment.capacity)]
            for slot in 0..<segment.capacity { table.set(segment.rows[slot], slot: slot, in: base) }
        }
        writer.withLock { writer in
            let current = self.state
            var state = current
            state.segments = base.segments
            state.count = segment?.capacity ?? 0
            for (old, new) in zip(frozen.segments, current.segments) where new.deadCount > old.deadCount {
                for slot in 0..<old.count where new.isDead(slot) && !old.isDead(slot) {
                    if let moved = table.slot(of: new.segment.rows[slot], in: state) { state.remove(slot: moved) }
                }
            }
            for view in current.segments.dropFirst(frozen.segments.count) {
                let first = state.segments.last.map { $0.firstSlot + $0.segment.capacity } ?? 0
                state.segments.append(view.moved(toFirstSlot: first))
                state.count += view.count - view.deadCount
                for slot in 0..<view.count where !view.isDead(slot) {
                    table.set(view.segment.rows[slot], slot: first + slot, in: state)
                }
            }
            if freeing {
                for (number, block) in frozen.blocks.enumerated() where block != nil { state.removeBlock(number) }
            }
            writer.table = table
            writer.compacted = segment?.capacity ?? 0
            writer.isSealed = writer.isSealed || state.segments.count <= 1
            writer.isCompacting = false
            publish(state)
        }
    }
}

extension QuantizedVectorIndex {
    /// Starts a compaction in the background if one is due. Called on the writing thread.
    func compactIfDue(_ shard: Shard) {
        guard !isLoading, shard.claimCompaction(groupingThreshold: configuration.groupingThreshold) else { return }
        let configuration = configuration
        let helpers = helpers
        compactingThread.submit { shard.compact(configuration: configuration, helpers: helpers) }
    }

    /// Brings every account into its fastest form and returns when that is done.
    public func settle() async {
        let job = settling()
        await compactingThread.run(job)
    }

    /// The same, without waiting for it.
    func settleInBackground() { compactingThread.submit(settling()) }

    private func settling() -> @Sendable () -> Void {
        let configuration = configuration
        let helpers = helpers
        let all = shards.withLock { Array($0.values) }
        return {
            for shard in all where shard.claimSettling() {
                shard.compact(configuration: configuration, helpers: helpers)
            }
        }
    }
}
