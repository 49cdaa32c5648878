import Domain
import PostgresClient

extension PostgresCatalog {
    public func vectors(model: ModelID, after row: ImageRow, limit: Int) async throws -> [StoredVector] {
        let rows = try await read { session in
            try session.run(
                """
                SELECT image, account, bytes FROM vector
                WHERE model = (SELECT number FROM model WHERE name = $1) AND image > $2 ORDER BY image LIMIT $3
                """, [.stored(model.rawValue), .int64(row), .int64(Int64(limit))])
        }
        return try await CatalogError.mapping {
            try rows.map { row in
                StoredVector(row: try row[0], accountID: try row.identifier(1), embedding: try row.embedding(2))
            }
        }
    }

    public func vector(of row: ImageRow, model: ModelID) async throws -> Embedding? {
        try await read { session in
            try session.run(
                "SELECT bytes FROM vector WHERE image = $1 AND model = (SELECT number FROM model WHERE name = $2)",
                [.int64(row), .stored(model.rawValue)]
            ).first?.embedding(0)
        }
    }

    public func vectorCount(model: ModelID) async throws -> Int {
        try await read { session in
            try session.run(
                "SELECT count(*) FROM vector WHERE model = (SELECT number FROM model WHERE name = $1)",
                [.stored(model.rawValue)]
            ).single()
        }
    }
}

extension PostgresRow {
    func embedding(_ column: Int) throws -> Embedding {
        guard let embedding = Embedding(halfPrecisionBytes: try self[column] as [UInt8]) else {
            throw damaged("vector")
        }
        return embedding
    }
}
