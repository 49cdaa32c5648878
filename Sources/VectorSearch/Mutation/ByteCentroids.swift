/// Rotated vectors in eight bits, precise enough to choose a centroid with. Components of a rotated unit vector are
/// close to normal with variance 1 / dimension; six standard deviations fill the range.
struct ByteScale: Sendable {
    let scale: Float

    init(dimension: Int) { scale = 127 * Float(dimension).squareRoot() / 6 }

    func quantize(_ value: Float) -> Int { Int(Swift.max(-127, Swift.min(127, (value * scale).rounded()))) }
}

/// Centroids in the form the assignment kernel takes.
struct ByteCentroids: Sendable {
    let bytes: [Int8]
    let sums: [Int32]
    let penalties: [Float]
    let step: Float
    private let dimension: Int
    private let scale: ByteScale

    /// - Parameter centroids: a multiple of 4, one after the other.
    init(_ centroids: [Float], dimension: Int) {
        let scale = ByteScale(dimension: dimension)
        let bytes = centroids.map { Int8(scale.quantize($0)) }
        let starts = stride(from: 0, to: centroids.count, by: dimension)
        sums = starts.map { bytes[$0..<$0 + dimension].reduce(0) { $0 + Int32($1) } }
        penalties = starts.map { centroids[$0..<$0 + dimension].reduce(0) { $0 + $1 * $1 } / 2 }
        step = 1 / (scale.scale * scale.scale)
        self.bytes = bytes
        self.dimension = dimension
        self.scale = scale
    }

    /// For each rotated vector its nearest centroid, and half the squared length less half the squared distance.
    func assign(_ rotated: UnsafeBufferPointer<Float>) -> [(group: UInt32, value: Float)] {
        let count = rotated.count / dimension
        var quantized = [UInt8](repeating: 0, count: rotated.count)
        Kernels.table.quantize(rotated.baseAddress!, &quantized, rotated.count, scale.scale)
        var best = [UInt32](repeating: 0, count: count)
        var value = [Float](repeating: 0, count: count)
        Kernels.table.assign(
            quantized, count, bytes, sums, penalties, sums.count, dimension, step, &best, &value)
        return Array(zip(best, value)).map { (group: $0.0, value: $0.1) }
    }
}
