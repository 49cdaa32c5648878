import Domain
import Foundation
import GRDB

extension SQLiteCatalog {
    public func vectors(model: ModelID, after row: ImageRow, limit: Int) async throws -> [StoredVector] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT vector.image, image.account, vector.bytes FROM vector
                        JOIN image ON image.row = vector.image
                        WHERE vector.model = (SELECT number FROM model WHERE name = ?) AND vector.image > ?
                        ORDER BY vector.image LIMIT ?
                        """), arguments: [model.rawValue, row, limit])
            var vectors: [StoredVector] = []
            while let row = try rows.next() {
                vectors.append(
                    StoredVector(row: row[0], accountID: try row.identifier(1), embedding: try row.embedding(2)))
            }
            return vectors
        }
    }

    public func vector(of row: ImageRow, model: ModelID) async throws -> Embedding? {
        try await read { database in
            try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT bytes FROM vector
                        WHERE image = ? AND model = (SELECT number FROM model WHERE name = ?)
                        """), arguments: [row, model.rawValue])?.embedding(0)
        }
    }

    public func vectorCount(model: ModelID) async throws -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM vector WHERE model = (SELECT number FROM model WHERE name = ?)",
                arguments: [model.rawValue]) ?? 0
        }
    }
}

extension Database {
    func storeVector(_ embedding: Embedding, row: ImageRow, model: ModelID) throws {
        try run("INSERT INTO model (name) VALUES (?) ON CONFLICT (name) DO NOTHING", [model.rawValue])
        try run(
            """
            INSERT INTO vector (image, model, bytes) SELECT ?, number, ? FROM model WHERE name = ?
            ON CONFLICT (image, model) DO UPDATE SET bytes = excluded.bytes
            """, [row, Data(embedding.halfPrecisionBytes), model.rawValue])
    }
}

extension Row {
    func embedding(_ column: Int) throws -> Embedding {
        guard let embedding = Embedding(halfPrecisionBytes: self[column] as Data) else { throw damaged("vector") }
        return embedding
    }
}
