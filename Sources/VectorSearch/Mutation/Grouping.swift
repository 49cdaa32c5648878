/// Which group each vector belongs to. Two levels: coarse cells over everything, then groups within each cell, so that
/// a vector is compared with some hundred centroids and not with all.
struct Grouping: Sendable {
    let groups: Groups
    /// The position of the vector in each slot, group by group.
    let order: [UInt32]

    /// Vectors a group has on average: few, so that a group lies within one cluster and its spread says what a query
    /// can find in it.
    private static let groupSize = 250
    private static let scatterSamples = 256

    /// The groups of one coarse cell.
    fileprivate struct Cell {
        var centroids: [Float] = []
        var sizes: [Int] = []
        var radii: [Float] = []
        /// Positions, group by group.
        var order: [UInt32] = []
        /// Residuals over radius of some vectors.
        var residuals: [Float] = []
    }

    init(_ vectors: FrozenVectors, seed: UInt64, helpers: WorkerThreads) {
        let dimension = vectors.rotation.padded
        let members = Self.coarseCells(vectors, seed: seed, helpers: helpers)
        let cells = SharedCells(count: members.count)
        let sampled = Swift.max(1, vectors.count / Self.scatterSamples)
        SharedLoop.run(members.count, on: helpers) { index in
            let cell = Self.split(
                members[index], of: vectors, seed: seed &+ UInt64(index), sampledEvery: sampled)
            cells.all.withLock { $0[index] = cell }
        }
        var centroids: [Float] = []
        var radii: [Float] = []
        var order: [UInt32] = []
        var residuals: [Float] = []
        var starts = [0]
        order.reserveCapacity(vectors.count)
        for cell in cells.all.withLock({ $0 }) {
            centroids += cell.centroids
            radii += cell.radii
            order += cell.order
            residuals += cell.residuals
            for size in cell.sizes { starts.append(starts[starts.count - 1] + size) }
        }
        self.order = order
        groups = Groups(
            centroids: centroids, dimension: dimension, starts: starts, radii: radii,
            scatter: Scatter(residuals: residuals, dimension: dimension))
    }

    /// Positions of the vectors in each coarse cell.
    private static func coarseCells(_ vectors: FrozenVectors, seed: UInt64, helpers: WorkerThreads) -> [[UInt32]] {
        let dimension = vectors.rotation.padded
        var random = SplitMix64(state: seed)
        let wanted = Double(vectors.count / groupSize).squareRoot() * 3
        let cellCount = Swift.max(4, Int(wanted) / 4 * 4)
        let count = Swift.min(vectors.count, cellCount * KMeans.samplesPerGroup)
        let chosen = (0..<count).map { sample in
            // One from each of as many stretches, so that no part of the data is missed.
            Int.random(in: sample * vectors.count / count..<(sample + 1) * vectors.count / count, using: &random)
        }
        let samples = SharedBuffer<Float>(repeating: 0, count: count * dimension)
        KMeans.eachChunk(count, helpers) { range in
            for place in range {
                vectors.rotation.load(vectors.stored(chosen[place]), into: samples.pointer + place * dimension)
            }
        }
        let centroids = KMeans.train(
            UnsafeBufferPointer(start: samples.pointer, count: samples.count), dimension: dimension, groups: cellCount,
            random: &random, helpers: helpers)
        let bytes = ByteCentroids(centroids, dimension: dimension)
        let assigned = SharedBuffer<UInt32>(repeating: 0, count: vectors.count)
        KMeans.eachChunk(vectors.count, helpers) { range in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count * dimension) { rotated in
                for position in range {
                    let place = rotated.baseAddress! + (position - range.lowerBound) * dimension
                    vectors.rotation.load(vectors.stored(position), into: place)
                }
                for (place, result) in bytes.assign(UnsafeBufferPointer(rotated)).enumerated() {
                    assigned[range.lowerBound + place] = result.group
                }
            }
        }
        var members = [[UInt32]](repeating: [], count: cellCount)
        for position in 0..<vectors.count { members[Int(assigned[position])].append(UInt32(position)) }
        return members.filter { !$0.isEmpty }
    }

    private static func split(
        _ members: [UInt32], of vectors: FrozenVectors, seed: UInt64, sampledEvery: Int
    ) -> Cell {
        let dimension = vectors.rotation.padded
        let rotated = SharedBuffer<Float>(repeating: 0, count: members.count * dimension)
        for (place, position) in members.enumerated() {
            vectors.rotation.load(vectors.stored(Int(position)), into: rotated.pointer + place * dimension)
        }
        var random = SplitMix64(state: seed)
        let groupCount = Swift.min(members.count / groupSize + 3, members.count) / 4 * 4
        var centroids: [Float]
        var assigned = [UInt32](repeating: 0, count: members.count)
        if groupCount < 4 {
            centroids = [Float](repeating: 0, count: dimension)
            for place in 0..<rotated.count {
                centroids[place % dimension] += rotated[place] / Float(members.count)
            }
        } else {
            let sampleCount = Swift.min(members.count, groupCount * KMeans.samplesPerGroup)
            let samples = SharedBuffer<Float>(repeating: 0, count: sampleCount * dimension)
            for sample in 0..<sampleCount {
                (samples.pointer + sample * dimension).update(
                    from: rotated.pointer + sample * members.count / sampleCount * dimension, count: dimension)
            }
            centroids = KMeans.train(
                UnsafeBufferPointer(start: samples.pointer, count: samples.count), dimension: dimension,
                groups: groupCount, random: &random, helpers: nil)
            let bytes = ByteCentroids(centroids, dimension: dimension)
            assigned = bytes.assign(UnsafeBufferPointer(start: rotated.pointer, count: rotated.count)).map(\.group)
        }
        return cell(members, rotated, assigned, centroids: centroids, dimension: dimension, sampledEvery: sampledEvery)
    }

    private static func cell(
        _ members: [UInt32], _ rotated: SharedBuffer<Float>, _ assigned: [UInt32], centroids: [Float], dimension: Int,
        sampledEvery: Int
    ) -> Cell {
        let groupCount = centroids.count / dimension
        var cell = Cell()
        cell.centroids = centroids
        cell.sizes = [Int](repeating: 0, count: groupCount)
        var squares = [Float](repeating: 0, count: groupCount)
        var residual = [Float](repeating: 0, count: dimension)
        func subtract(_ place: Int) -> Float {
            let start = Int(assigned[place]) * dimension
            var square: Float = 0
            for component in 0..<dimension {
                residual[component] = rotated[place * dimension + component] - centroids[start + component]
                square += residual[component] * residual[component]
            }
            return square
        }
        for place in members.indices {
            cell.sizes[Int(assigned[place])] += 1
            squares[Int(assigned[place])] += subtract(place)
        }
        cell.radii = (0..<groupCount).map { (squares[$0] / Swift.max(1, Float(cell.sizes[$0]))).squareRoot() }
        var next = [Int](repeating: 0, count: groupCount)
        for group in 1..<Swift.max(1, groupCount) { next[group] = next[group - 1] + cell.sizes[group - 1] }
        cell.order = [UInt32](repeating: 0, count: members.count)
        for (place, position) in members.enumerated() {
            let group = Int(assigned[place])
            cell.order[next[group]] = position
            next[group] += 1
            if Int(position) % sampledEvery == 0, cell.radii[group] > 1e-6 {
                _ = subtract(place)
                cell.residuals += residual.map { $0 / cell.radii[group] }
            }
        }
        return cell
    }
}

/// Where each step of the loop leaves its cell.
private final class SharedCells: Sendable {
    let all: Locked<[Grouping.Cell]>
    init(count: Int) { all = Locked([Grouping.Cell](repeating: Grouping.Cell(), count: count)) }
}
