/// Lloyd's algorithm on rotated vectors, with assignment in eight bits.
enum KMeans {
    /// Samples a centroid is trained on; more move it little.
    static let samplesPerGroup = 32
    private static let rounds = 6

    /// - Parameters:
    ///   - samples: rotated vectors, at least as many as groups.
    ///   - groups: a multiple of 4.
    /// - Returns: centroids, one after the other.
    static func train(
        _ samples: UnsafeBufferPointer<Float>, dimension: Int, groups: Int, random: inout SplitMix64,
        helpers: WorkerThreads?
    ) -> [Float] {
        let count = samples.count / dimension
        var centroids: [Float] = []
        centroids.reserveCapacity(groups * dimension)
        for start in (0..<count).shuffled(using: &random).prefix(groups) {
            centroids += samples[start * dimension..<(start + 1) * dimension]
        }
        let source = SharedSamples(samples: samples)
        for _ in 0..<rounds {
            let bytes = ByteCentroids(centroids, dimension: dimension)
            let assigned = SharedBuffer<UInt32>(repeating: 0, count: count)
            eachChunk(count, helpers) { range in
                let part = UnsafeBufferPointer(
                    rebasing: source.samples[range.lowerBound * dimension..<range.upperBound * dimension])
                for (place, result) in bytes.assign(part).enumerated() {
                    assigned[range.lowerBound + place] = result.group
                }
            }
            centroids = means(samples, assigned, groups: groups, dimension: dimension, &random)
        }
        return centroids
    }

    /// Calls `body` with ranges that together are 0..<count.
    static func eachChunk(
        _ count: Int, _ helpers: WorkerThreads?, _ body: @escaping @Sendable (Range<Int>) -> Void
    ) {
        SharedLoop.run((count + Shard.chunk - 1) / Shard.chunk, on: helpers) { chunk in
            body(chunk * Shard.chunk..<Swift.min(count, (chunk + 1) * Shard.chunk))
        }
    }

    /// The mean of each group's samples; a group that lost all of them starts anew at a random sample.
    private static func means(
        _ samples: UnsafeBufferPointer<Float>, _ assigned: SharedBuffer<UInt32>, groups: Int, dimension: Int,
        _ random: inout SplitMix64
    ) -> [Float] {
        var sums = [Float](repeating: 0, count: groups * dimension)
        var sizes = [Float](repeating: 0, count: groups)
        sums.withUnsafeMutableBufferPointer { sums in
            for position in 0..<assigned.count {
                let group = Int(assigned[position])
                sizes[group] += 1
                let target = sums.baseAddress! + group * dimension
                let source = samples.baseAddress! + position * dimension
                for component in 0..<dimension { target[component] += source[component] }
            }
            for group in 0..<groups {
                let target = sums.baseAddress! + group * dimension
                if sizes[group] == 0 {
                    let chosen = Int.random(in: 0..<assigned.count, using: &random)
                    target.update(from: samples.baseAddress! + chosen * dimension, count: dimension)
                } else {
                    for component in 0..<dimension { target[component] /= sizes[group] }
                }
            }
        }
        return sums
    }
}

/// `@unchecked Sendable`: only read, and alive as long as the loop that reads it.
private struct SharedSamples: @unchecked Sendable {
    let samples: UnsafeBufferPointer<Float>
}
