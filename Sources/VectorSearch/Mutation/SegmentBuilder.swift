import Domain

/// Makes one segment of all that is alive: under the account's mean where it is small, in groups where it is large.
struct SegmentBuilder: Sendable {
    let vectors: FrozenVectors
    let helpers: WorkerThreads
    /// Numbers and memory of blocks the vectors are to be copied into; empty to leave them where they are.
    let blocks: [(number: Int, block: VectorBlock)]

    func build(grouping: Bool, seed: UInt64) -> Segment {
        grouping ? grouped(seed: seed) : flat()
    }

    private func flat() -> Segment {
        let dimension = vectors.rotation.padded
        var mean = [Float](repeating: 0, count: dimension)
        let samples = stride(from: 0, to: vectors.count, by: Swift.max(1, vectors.count / 4096))
        var buffer = mean
        for position in samples {
            buffer.withUnsafeMutableBufferPointer {
                vectors.rotation.load(vectors.stored(position), into: $0.baseAddress!)
            }
            for component in 0..<dimension { mean[component] += buffer[component] }
        }
        let count = Float(samples.underestimatedCount)
        let groups = Groups(centroid: mean.map { $0 / count })
        return fill(groups, order: Array(0..<UInt32(vectors.count)))
    }

    private func grouped(seed: UInt64) -> Segment {
        let grouping = Grouping(vectors, seed: seed, helpers: helpers)
        return fill(grouping.groups, order: grouping.order)
    }

    /// - Parameter order: the position of the vector in each slot.
    private func fill(_ groups: Groups, order: [UInt32]) -> Segment {
        let rotation = vectors.rotation
        let segment = Segment(capacity: order.count, groups: groups, words: rotation.words)
        let vectors = vectors
        let blocks = blocks
        KMeans.eachChunk(order.count, helpers) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: rotation.padded) { buffer in
                let rotated = buffer.baseAddress!
                var group = groups.group(ofSlot: range.lowerBound)
                for slot in range {
                    while group + 1 < groups.count, slot >= groups.starts[group + 1] { group += 1 }
                    let position = Int(order[slot])
                    let stored = vectors.stored(position)
                    segment.rows[slot] = vectors.row(position)
                    segment.locations[slot] = vectors.location(position)
                    if !blocks.isEmpty {
                        let place = slot % VectorBlock.maximumCapacity
                        let target = blocks[slot / VectorBlock.maximumCapacity]
                        (target.block.vectors + place * rotation.dimension).update(
                            from: stored, count: rotation.dimension)
                        segment.locations[slot] = UInt32(target.number << 16 | place)
                    }
                    rotation.load(stored, into: rotated)
                    segment.write(slot: slot, rotated: rotated, group: group, words: rotation.words)
                }
            }
        }
        return segment
    }
}
