import CKernels

/// A query ready to be compared with codes: rotated, and quantised to four bits a component in bit planes.
struct QueryCode: Sendable {
    /// As given: what half-precision vectors are compared with.
    let values: [Float]
    let rotated: [Float]
    let planes: [UInt64]
    /// Component i is about `step * u(i)`, u(i) in -8...7.
    let step: Float
    /// Sum of all u(i).
    let sum: Int
    /// Length of what quantisation lost.
    let loss: Float

    init(_ values: [Float], rotation: Rotation) {
        self.values = values
        rotated = rotation.rotated(values)
        let words = rotation.words
        let largest = rotated.reduce(into: Float(0)) { $0 = Swift.max($0, abs($1)) }
        let step = largest / 7.5
        var planes = [UInt64](repeating: 0, count: Int(IMAGO_QUERY_PLANES) * words)
        var sum = 0
        var lost: Float = 0
        for (position, value) in rotated.enumerated() {
            let level = Swift.max(-8, Swift.min(7, Int((value / step).rounded())))
            sum += level
            let error = value - Float(level) * step
            lost += error * error
            let bits = UInt64(level & 15)
            for plane in 0..<4 where bits >> UInt64(plane) & 1 == 1 {
                planes[plane * words + position / 64] |= 1 << UInt64(position % 64)
            }
        }
        self.planes = planes
        self.step = step
        self.sum = sum
        loss = lost.squareRoot()
    }

    /// How codes relative to one centroid are scanned.
    /// - Parameters:
    ///   - similarity: dot product of query and centroid.
    ///   - squaredNorm: of the centroid.
    ///   - confidence: how many standard deviations of the estimate's error an upper bound lies above it.
    func scan(
        planes: UnsafePointer<UInt64>, similarity: Float, squaredNorm: Float, confidence: Float, threshold: Float
    ) -> imago_scan {
        let dimension = Float(rotated.count)
        let root = dimension.squareRoot()
        // The code's error grows with the distance of query and centroid; what quantising the query lost adds to it,
        // in units of a code's usual spread: 0.6028 is sqrt(1 - 2 / pi) over its expectation's scale.
        let distance = Swift.max(0, 1 - 2 * similarity + squaredNorm)
        let quantisation = loss / 0.6028
        return imago_scan(
            planes: planes, words: rotated.count / 64, slope: 2 * step / root, shift: -step * Float(sum) / root,
            base: similarity, error: confidence * (distance + quantisation * quantisation).squareRoot(),
            threshold: threshold)
    }
}
