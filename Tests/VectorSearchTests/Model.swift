import Domain

@testable import VectorSearch

/// Random unit vectors in overlapping clusters, around a common direction as dual encoders' are.
struct VectorSource {
    var random: SplitMix64
    private let centres: [[Float]]
    private let dimension: Int

    init(dimension: Int, clusters: Int = 20, seed: UInt64) {
        random = SplitMix64(state: seed)
        self.dimension = dimension
        var generator = random
        let cone = (0..<dimension).map { _ in Self.normal(&generator) }
        centres = (0..<clusters).map { _ in cone.map { $0 * 0.7 + Self.normal(&generator) } }
        random = generator
    }

    mutating func next() -> Embedding {
        let centre = centres.randomElement(using: &random)!
        return Embedding(normalizing: centre.map { $0 + 0.8 * Self.normal(&random) })!
    }

    private static func normal(_ random: inout SplitMix64) -> Float {
        (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) }
    }
}

/// The index's contract in its plainest form.
struct PlainIndex {
    var vectors: [ImageRow: [Float]] = [:]

    mutating func insert(_ entries: [VectorEntry]) {
        for entry in entries { vectors[entry.row] = entry.embedding.values.map { Float(Float16($0)) } }
    }

    /// A plain loop over buffers: tests without optimisation spend most of their time here.
    private static func dot(_ left: [Float], _ right: [Float]) -> Float {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                var sum: Float = 0
                var place = 0
                while place < left.count {
                    sum += left[place] * right[place]
                    place += 1
                }
                return sum
            }
        }
    }

    func search(_ query: VectorQuery) -> [VectorHit] {
        let hits = vectors.compactMap { row, values -> VectorHit? in
            guard query.allowed?.contains(row) ?? true else { return nil }
            let similarity = Self.dot(query.embedding.values, values)
            return similarity >= query.minimumSimilarity ?? -.infinity
                ? VectorHit(row: row, similarity: similarity) : nil
        }
        return Array(
            hits.sorted { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.row < $1.row }
                .prefix(query.limit))
    }
}

/// Whether two results are the same but for rounding: equal similarities, and rows that differ only between near ties.
func agree(_ left: [VectorHit], _ right: [VectorHit], within tolerance: Float = 2e-5) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0.similarity - $1.similarity) <= tolerance }
        && Set(left.map(\.row)).count == left.count
}

let someone = AccountID(UUIDValue(high: 1, low: 1))
let someoneElse = AccountID(UUIDValue(high: 1, low: 2))
