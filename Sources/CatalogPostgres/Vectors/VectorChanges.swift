import Domain
import PostgresClient

extension PostgresCatalog: VectorChangeLog {
    public func vectorChangePoint(model: ModelID) async throws -> VectorChangePoint {
        try await read { session in
            let row = try session.run(
                """
                SELECT sequence, token FROM vector_change
                WHERE model = (SELECT number FROM model WHERE name = $1) ORDER BY sequence DESC LIMIT 1
                """, [.stored(model.rawValue)]
            ).first
            return try row?.point() ?? .beginning
        }
    }

    public func vectorChanges(
        model: ModelID, since point: VectorChangePoint, limit: Int
    ) async throws -> [VectorChange]? {
        let (changes, isOfThisLog) = try await read { session in
            let answers = try session.run([
                PostgresStatement(
                    """
                    SELECT change.sequence, change.token, change.image, change.account, vector.bytes
                    FROM vector_change AS change
                    LEFT JOIN vector ON vector.image = change.image AND vector.model = change.model
                    WHERE change.model = (SELECT number FROM model WHERE name = $1) AND change.sequence > $2
                    ORDER BY change.sequence LIMIT $3
                    """, [.stored(model.rawValue), .int64(point.sequence), .int64(Int64(limit))]),
                // Asked afterwards: old changes are dropped in order, so while the point is there, nothing that came
                // after it was missing.
                point.isInLog,
            ])
            return (answers[0], try point.isConfirmed(by: answers[1]))
        }
        guard isOfThisLog else { return nil }
        return try await CatalogError.mapping {
            try changes.map { row in
                let isGone = try (row[4] as [UInt8]?) == nil
                return VectorChange(
                    point: try row.point(), row: try row[2], accountID: try row.identifier(3),
                    embedding: isGone ? nil : try row.embedding(4))
            }
        }
    }
}

extension VectorChangePoint {
    /// Before the first change.
    fileprivate static let beginning = VectorChangePoint(sequence: 0, token: 0)

    /// Asks whether the log still holds everything after the point.
    fileprivate var isInLog: PostgresStatement {
        self == .beginning
            ? PostgresStatement("SELECT 0::bigint, NULL::uuid FROM vector_log WHERE dropped_to = 0")
            : PostgresStatement("SELECT sequence, token FROM vector_change WHERE sequence = $1", [.int64(sequence)])
    }

    fileprivate func isConfirmed(by answer: PostgresRows) throws -> Bool {
        guard let row = answer.first else { return false }
        return self == .beginning ? true : try row.point() == self
    }
}

extension PostgresRow {
    /// A point from its number and the random half of its token.
    fileprivate func point() throws -> VectorChangePoint {
        guard let token = UUIDValue(bytes: try self[1] as [UInt8]) else { throw damaged("token") }
        return VectorChangePoint(sequence: try self[0], token: token.low)
    }
}
