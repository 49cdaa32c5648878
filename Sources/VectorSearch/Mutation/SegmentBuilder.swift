import Domain

/// Makes one segment of all that is alive: under the account's mean where it is small, in groups where it is large.
struct SegmentBuilder: Sendable {
    let vectors: FrozenVectors
    let helpers: WorkerThreads
    /// Numbers and memory of blocks the vectors are to be copied into; empty to leave them where they are.
    let blocks: [(number: Int, block: VectorBlock)]

    private static let scatterSamples = 1024
    /// Vectors a group has on average.
    private static let groupSize = 1000

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
        return fill(groups, order: Array(0..<UInt32(vectors.count)), group: { _ in 0 })
    }

    private func grouped(seed: UInt64) -> Segment {
        let dimension = vectors.rotation.padded
        let count = vectors.count
        let groupCount = Swift.max(4, count / Self.groupSize / 4 * 4)
        let centroids = KMeans.train(vectors, groups: groupCount, seed: seed, helpers: helpers)
        let bytes = ByteCentroids(centroids, dimension: dimension)
        let assigned = SharedBuffer<UInt32>(repeating: 0, count: count)
        let distances = SharedBuffer<Float>(repeating: 0, count: count)
        let vectors = vectors
        KMeans.eachChunk(count, helpers) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count * dimension) { rotated in
                for position in range {
                    let place = rotated.baseAddress! + (position - range.lowerBound) * dimension
                    vectors.rotation.load(vectors.stored(position), into: place)
                }
                for (place, result) in bytes.assign(UnsafeBufferPointer(rotated)).enumerated() {
                    assigned[range.lowerBound + place] = result.group
                    distances[range.lowerBound + place] = Swift.max(0, 1 - 2 * result.value)
                }
            }
        }
        // Counting sort by group.
        var starts = [Int](repeating: 0, count: groupCount + 1)
        var squares = [Float](repeating: 0, count: groupCount)
        for position in 0..<count {
            starts[Int(assigned[position]) + 1] += 1
            squares[Int(assigned[position])] += distances[position]
        }
        let radii = (0..<groupCount).map { (squares[$0] / Swift.max(1, Float(starts[$0 + 1]))).squareRoot() }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        var next = starts
        var order = [UInt32](repeating: 0, count: count)
        for position in 0..<count {
            let group = Int(assigned[position])
            order[next[group]] = UInt32(position)
            next[group] += 1
        }
        let scatter = self.scatter(assigned, centroids: centroids, radii: radii)
        let groups = Groups(
            centroids: centroids, dimension: dimension, starts: starts, radii: radii, scatter: scatter)
        return fill(groups, order: order, group: { Int(assigned[Int($0)]) })
    }

    private func scatter(_ assigned: SharedBuffer<UInt32>, centroids: [Float], radii: [Float]) -> Scatter {
        let dimension = vectors.rotation.padded
        var residuals: [Float] = []
        var buffer = [Float](repeating: 0, count: dimension)
        for position in stride(
            from: 0, to: vectors.count, by: Swift.max(1, vectors.count / Self.scatterSamples))
        {
            let group = Int(assigned[position])
            guard radii[group] > 1e-6 else { continue }
            buffer.withUnsafeMutableBufferPointer {
                vectors.rotation.load(vectors.stored(position), into: $0.baseAddress!)
            }
            for component in 0..<dimension {
                residuals.append((buffer[component] - centroids[group * dimension + component]) / radii[group])
            }
        }
        return Scatter(residuals: residuals, dimension: dimension)
    }

    /// - Parameter order: the position of the vector in each slot.
    private func fill(_ groups: Groups, order: [UInt32], group: @escaping @Sendable (UInt32) -> Int) -> Segment {
        let rotation = vectors.rotation
        let segment = Segment(capacity: order.count, groups: groups, words: rotation.words)
        let vectors = vectors
        let blocks = blocks
        KMeans.eachChunk(order.count, helpers) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: rotation.padded) { buffer in
                let rotated = buffer.baseAddress!
                for slot in range {
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
                    segment.write(
                        slot: slot, rotated: rotated, group: group(order[slot]), words: rotation.words)
                }
            }
        }
        return segment
    }
}
