/// A model's name, for instance `starter-1`. Vectors of different models are never compared.
public struct ModelID: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}

/// A unit vector in a model's embedding space: the dot product of two is their cosine similarity.
public struct Embedding: Sendable, Hashable {
    /// Components; their squares sum to 1.
    public let values: [Float]
    public var dimension: Int { values.count }

    /// Scales a vector to length 1. Nil for an empty, zero or non-finite vector, which has no direction.
    public init?(normalizing vector: [Float]) {
        // Scaled by the largest component first, so that squares neither overflow nor vanish.
        let largest = vector.reduce(into: Float(0)) { $0 = Swift.max($0, abs($1)) }
        guard !vector.isEmpty, largest > 0, vector.allSatisfy(\.isFinite) else { return nil }
        let norm = vector.reduce(into: Float(0)) { $0 += ($1 / largest) * ($1 / largest) }.squareRoot() * largest
        guard norm > 0, norm.isFinite else { return nil }
        values = vector.map { $0 / norm }
    }

    /// Cosine similarity, -1...1.
    public func similarity(to other: Embedding) -> Float {
        zip(values, other.values).reduce(into: 0) { $0 += $1.0 * $1.1 }
    }

    /// The half-precision form that catalogs store: two bytes a component, little-endian (IEEE 754 binary16).
    public var halfPrecisionBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 2)
        for value in values {
            let bits = Float16(value).bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        return bytes
    }

    /// Reads what `halfPrecisionBytes` wrote; nil when the bytes are no finite, non-zero vector.
    public init?(halfPrecisionBytes bytes: some Collection<UInt8>) {
        guard bytes.count % 2 == 0 else { return nil }
        let all = Array(bytes)
        self.init(
            normalizing: stride(from: 0, to: all.count, by: 2).map {
                Float(Float16(bitPattern: UInt16(all[$0]) | UInt16(all[$0 + 1]) << 8))
            })
    }
}
