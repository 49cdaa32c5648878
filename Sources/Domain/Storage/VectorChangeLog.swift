/// Where a vector index is rebuilt from: the part of a catalog it needs.
public protocol StoredVectors: Sendable {
    /// Vectors of a model in ascending order of row, a page at a time.
    func vectors(model: ModelID, after row: ImageRow, limit: Int) async throws -> [StoredVector]
}

/// What a catalog may keep beside its vectors, so that a snapshot of the vector index can be brought up to date instead
/// of being rebuilt: a number for every vector stored, replaced or deleted.
public protocol VectorChangeLog: Sendable {
    /// The last change to a model's vectors.
    func vectorChangePoint(model: ModelID) async throws -> VectorChangePoint

    /// Changes after a point, oldest first, each with what the catalog holds for the row now.
    /// - Returns: nil when the point is not of this log: the catalog was restored from a backup, or no longer knows what
    ///   changed since.
    func vectorChanges(model: ModelID, since point: VectorChangePoint, limit: Int) async throws -> [VectorChange]?
}

/// A place in the log. The token is random, so that two histories with the same numbers are told apart.
public struct VectorChangePoint: Sendable, Hashable {
    public let sequence: Int64
    public let token: UInt64

    public init(sequence: Int64, token: UInt64) {
        self.sequence = sequence
        self.token = token
    }
}

public struct VectorChange: Sendable {
    public let point: VectorChangePoint
    public let row: ImageRow
    public let accountID: AccountID
    /// Nil when the row has no vector now.
    public let embedding: Embedding?

    public init(point: VectorChangePoint, row: ImageRow, accountID: AccountID, embedding: Embedding?) {
        self.point = point
        self.row = row
        self.accountID = accountID
        self.embedding = embedding
    }
}
