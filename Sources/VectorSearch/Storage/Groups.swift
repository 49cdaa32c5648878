import CKernels

/// What codes are relative to: centroids, and which slots each has.
struct Groups: Sendable {
    /// One centroid after the other, rotated.
    let centroids: [Float]
    let squaredNorms: [Float]
    /// First slot of each group, and the end of the last. Empty for a single group that grows.
    let starts: [Int]
    /// Root mean square distance of a group's vectors from the centroid.
    let radii: [Float]
    /// How residuals spread in each direction; nil for a single group, which is always visited.
    let scatter: Scatter?
    /// Codes of the centroids themselves, so that a query need not read them all.
    let outline: Outline?

    var count: Int { squaredNorms.count }

    /// A single growing group.
    init(centroid: [Float]) {
        centroids = centroid
        squaredNorms = [centroid.reduce(into: 0) { $0 += $1 * $1 }]
        starts = []
        radii = [1]
        scatter = nil
        outline = nil
    }

    init(centroids: [Float], dimension: Int, starts: [Int], radii: [Float], scatter: Scatter) {
        self.centroids = centroids
        squaredNorms = stride(from: 0, to: centroids.count, by: dimension).map { start in
            centroids[start..<start + dimension].reduce(into: 0) { $0 += $1 * $1 }
        }
        self.starts = starts
        self.radii = radii
        self.scatter = scatter
        outline = Outline(centroids, dimension: dimension)
    }

    /// The group a slot is in.
    func group(ofSlot slot: Int) -> Int {
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= slot { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Dot product of a rotated query and a group's centroid.
    func similarity(of query: [Float], group: Int) -> Float {
        query.withUnsafeBufferPointer { query in
            centroids.withUnsafeBufferPointer {
                Kernels.table.dot(query.baseAddress!, $0.baseAddress! + group * query.count, query.count)
            }
        }
    }
}

/// Codes of centroids relative to their mean.
struct Outline: Sendable {
    private let mean: [Float]
    private let squaredNorm: Float
    private let codes: [UInt64]
    private let factors: [Float]
    private let count: Int

    init(_ centroids: [Float], dimension: Int) {
        count = centroids.count / dimension
        var mean = [Float](repeating: 0, count: dimension)
        for start in stride(from: 0, to: centroids.count, by: dimension) {
            for component in 0..<dimension { mean[component] += centroids[start + component] / Float(count) }
        }
        let words = dimension / 64
        var codes = [UInt64](repeating: 0, count: count * words)
        var factors = [Float](repeating: 0, count: 3 * count)
        for group in 0..<count {
            let result = codes.withUnsafeMutableBufferPointer { codes in
                centroids.withUnsafeBufferPointer {
                    Kernels.table.encode(
                        $0.baseAddress! + group * dimension, mean, dimension, codes.baseAddress! + group * words)
                }
            }
            factors[group] = result.scale
            factors[count + group] = result.offset
            factors[2 * count + group] = result.spread
        }
        self.mean = mean
        squaredNorm = mean.reduce(into: 0) { $0 += $1 * $1 }
        self.codes = codes
        self.factors = factors
    }

    /// An upper bound of the query's dot product with each centroid.
    func bounds(_ query: QueryCode, confidence: Float) -> [Float] {
        let similarity = zip(query.rotated, mean).reduce(into: Float(0)) { $0 += $1.0 * $1.1 }
        var slots = [UInt32](repeating: 0, count: count)
        var bounds = [Float](repeating: 0, count: count)
        codes.withUnsafeBufferPointer { codes in
            factors.withUnsafeBufferPointer { factors in
                query.planes.withUnsafeBufferPointer { planes in
                    let first = factors.baseAddress!
                    var table = imago_codes(
                        codes: codes.baseAddress!, scale: first, offset: first + count, spread: first + 2 * count)
                    var scan = query.scan(
                        planes: planes.baseAddress!, similarity: similarity, squaredNorm: squaredNorm,
                        confidence: confidence, threshold: -.infinity)
                    _ = Kernels.table.scan(&table, &scan, 0, count, &slots, &bounds)
                }
            }
        }
        return bounds
    }
}

/// A sample of residuals, each divided by its group's radius: what tells how far a group's vectors spread in the
/// direction of a query, whatever cone the query comes from.
struct Scatter: Sendable {
    let residuals: [Float]
    let dimension: Int

    /// Standard deviation of the residuals' dot product with a rotated query, for a group of radius 1.
    func deviation(along query: [Float]) -> Float {
        let count = residuals.count / dimension
        guard count > 0 else { return 1 }
        let dot = Kernels.table.dot!
        let sum = residuals.withUnsafeBufferPointer { residuals in
            query.withUnsafeBufferPointer { query in
                (0..<count).reduce(into: Float(0)) { sum, sample in
                    let product = dot(query.baseAddress!, residuals.baseAddress! + sample * dimension, dimension)
                    sum += product * product
                }
            }
        }
        return (sum / Float(count)).squareRoot()
    }
}
