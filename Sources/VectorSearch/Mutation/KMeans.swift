/// Lloyd's algorithm on a sample, with assignment in eight bits.
enum KMeans {
    private static let samplesPerGroup = 32
    private static let rounds = 6

    /// - Parameter groups: a multiple of 4, at most the vectors' count.
    /// - Returns: rotated centroids, one after the other.
    static func train(
        _ vectors: FrozenVectors, groups: Int, seed: UInt64, helpers: WorkerThreads
    ) -> [Float] {
        let dimension = vectors.rotation.padded
        var random = SplitMix64(state: seed)
        let count = Swift.min(vectors.count, groups * samplesPerGroup)
        let chosen = (0..<count).map { sample in
            // One from each of as many stretches, so that no part of the data is missed.
            let low = sample * vectors.count / count
            let high = (sample + 1) * vectors.count / count
            return Int.random(in: low..<high, using: &random)
        }
        let sample = SharedBuffer<Float>(repeating: 0, count: count * dimension)
        eachChunk(count, helpers) { range in
            for position in range {
                vectors.rotation.load(vectors.stored(chosen[position]), into: sample.pointer + position * dimension)
            }
        }
        var centroids: [Float] = []
        centroids.reserveCapacity(groups * dimension)
        for start in (0..<count).shuffled(using: &random).prefix(groups) {
            centroids += UnsafeBufferPointer(start: sample.pointer + start * dimension, count: dimension)
        }
        for _ in 0..<rounds {
            let assigned = assign(sample, count: count, to: centroids, dimension: dimension, helpers: helpers)
            centroids = means(sample, count: count, assigned, groups: groups, dimension: dimension, &random)
        }
        return centroids
    }

    /// Calls `body` with ranges that together are 0..<count.
    static func eachChunk(
        _ count: Int, _ helpers: WorkerThreads, _ body: @escaping @Sendable (Range<Int>) -> Void
    ) {
        SharedLoop.run((count + Shard.chunk - 1) / Shard.chunk, on: helpers) { chunk in
            body(chunk * Shard.chunk..<Swift.min(count, (chunk + 1) * Shard.chunk))
        }
    }

    private static func assign(
        _ sample: SharedBuffer<Float>, count: Int, to centroids: [Float], dimension: Int, helpers: WorkerThreads
    ) -> SharedBuffer<UInt32> {
        let bytes = ByteCentroids(centroids, dimension: dimension)
        let assigned = SharedBuffer<UInt32>(repeating: 0, count: count)
        eachChunk(count, helpers) { range in
            let part = UnsafeBufferPointer(
                start: sample.pointer + range.lowerBound * dimension, count: range.count * dimension)
            for (place, result) in bytes.assign(part).enumerated() {
                assigned[range.lowerBound + place] = result.group
            }
        }
        return assigned
    }

    /// The mean of each group's samples; a group that lost all of them starts anew at a random sample.
    private static func means(
        _ sample: SharedBuffer<Float>, count: Int, _ assigned: SharedBuffer<UInt32>, groups: Int, dimension: Int,
        _ random: inout SplitMix64
    ) -> [Float] {
        var sums = [Float](repeating: 0, count: groups * dimension)
        var sizes = [Float](repeating: 0, count: groups)
        sums.withUnsafeMutableBufferPointer { sums in
            for position in 0..<count {
                let group = Int(assigned[position])
                sizes[group] += 1
                let target = sums.baseAddress! + group * dimension
                let source = sample.pointer + position * dimension
                for component in 0..<dimension { target[component] += source[component] }
            }
            for group in 0..<groups {
                let target = sums.baseAddress! + group * dimension
                if sizes[group] == 0 {
                    let source = sample.pointer + Int.random(in: 0..<count, using: &random) * dimension
                    target.update(from: source, count: dimension)
                } else {
                    for component in 0..<dimension { target[component] /= sizes[group] }
                }
            }
        }
        return sums
    }
}
