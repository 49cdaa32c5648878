/// Finds the nearest vectors of an account, exactly: the index every search goes through.
///
/// It is a copy of what the catalog holds and is rebuilt from it at start. One index serves one model.
/// Mutations are visible to the next search.
public protocol VectorIndex: Sendable {
    /// Components of every vector in it.
    var dimension: Int { get }

    /// Vectors held, over all accounts.
    var count: Int { get }

    /// Adds vectors, or replaces those whose row is there already.
    /// - Throws: `VectorIndexError.wrongDimension`; nothing is inserted then.
    func insert(_ entries: [VectorEntry], account: AccountID) async throws

    /// Removes rows; those not there are passed over.
    func remove(_ rows: [ImageRow], account: AccountID) async throws

    /// The best rows for a query, best first, ties by row.
    func search(_ query: VectorQuery, account: AccountID) async throws -> [VectorHit]
}

/// One vector and whose it is.
public struct VectorEntry: Sendable {
    public let row: ImageRow
    public let embedding: Embedding

    public init(row: ImageRow, embedding: Embedding) {
        self.row = row
        self.embedding = embedding
    }
}

/// What to look for.
public struct VectorQuery: Sendable {
    public let embedding: Embedding
    /// How many results at the most.
    public let limit: Int
    /// The least cosine similarity of a result; nil for no bound.
    public let minimumSimilarity: Float?
    /// The rows a filter allows; nil for all. Applied before the scan, so it never starves the result.
    public let allowed: RowSet?
    /// Scan the full-precision vectors alone: the reference that approximate stages are measured against.
    public let exact: Bool

    public init(
        embedding: Embedding, limit: Int, minimumSimilarity: Float? = nil, allowed: RowSet? = nil, exact: Bool = false
    ) {
        self.embedding = embedding
        self.limit = limit
        self.minimumSimilarity = minimumSimilarity
        self.allowed = allowed
        self.exact = exact
    }
}

/// A row and how near it is.
public struct VectorHit: Sendable, Hashable {
    public let row: ImageRow
    /// Cosine similarity, -1...1.
    public let similarity: Float

    public init(row: ImageRow, similarity: Float) {
        self.row = row
        self.similarity = similarity
    }
}

public enum VectorIndexError: Error, Sendable, Hashable {
    case wrongDimension(expected: Int, got: Int)
}
