import CKernels

/// A random rotation of the space: seeded sign flips and Walsh-Hadamard transforms, three rounds where the dimension is
/// a power of two, four overlapping ones otherwise.
///
/// After it, the direction of any vector looks uniformly random to the axes, which is what the error bound of sign
/// codes rests on (Ailon and Chazelle 2009; Gao and Long, RaBitQ, SIGMOD 2024).
struct Rotation: Sendable {
    /// Components before, and after with zeros added to a multiple of 64.
    let dimension: Int
    let padded: Int
    private let rounds: Int
    private let signs: [UInt32]

    init(dimension: Int, seed: UInt64) {
        precondition(dimension > 0)
        self.dimension = dimension
        padded = (dimension + 63) / 64 * 64
        rounds = padded & (padded - 1) == 0 ? 3 : 4
        var random = SplitMix64(state: seed)
        signs = (0..<rounds * padded).map { _ in random.next() & 1 == 0 ? 0 : 0x8000_0000 }
    }

    /// Words of one code.
    var words: Int { padded / 64 }

    /// Rotates `padded` components in place.
    func apply(_ vector: UnsafeMutablePointer<Float>) {
        Kernels.table.rotate(vector, padded, signs, rounds)
    }

    func rotated(_ values: [Float]) -> [Float] {
        var result = values + [Float](repeating: 0, count: padded - values.count)
        result.withUnsafeMutableBufferPointer { apply($0.baseAddress!) }
        return result
    }
}

/// Steele, Lea and Flood's generator (2014): small, seedable, the same everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
