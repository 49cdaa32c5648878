import Domain
import Foundation
import GRDB

extension SQLiteCatalog: VectorChangeLog {
    public func vectorChangePoint(model: ModelID) async throws -> VectorChangePoint {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT sequence, token FROM vector_change
                    WHERE model = (SELECT number FROM model WHERE name = ?) ORDER BY sequence DESC LIMIT 1
                    """, arguments: [model.rawValue])
            return row?.point ?? .beginning
        }
    }

    public func vectorChanges(
        model: ModelID, since point: VectorChangePoint, limit: Int
    ) async throws -> [VectorChange]? {
        try await read { database in
            guard try database.hasChanges(since: point) else { return nil }
            let rows = try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT change.sequence, change.token, change.image, change.account, vector.bytes
                        FROM vector_change AS change
                        LEFT JOIN vector ON vector.image = change.image AND vector.model = change.model
                        WHERE change.model = (SELECT number FROM model WHERE name = ?) AND change.sequence > ?
                        ORDER BY change.sequence LIMIT ?
                        """), arguments: [model.rawValue, point.sequence, limit])
            return try rows.map { row in
                VectorChange(
                    point: row.point, row: row[2], accountID: try row.identifier(3),
                    embedding: row[4] == nil ? nil : try row.embedding(4))
            }
        }
    }
}

extension VectorChangePoint {
    /// Before the first change.
    fileprivate static let beginning = VectorChangePoint(sequence: 0, token: 0)
}

extension Database {
    /// Whether the log still holds everything after the point, and the point is of this history.
    fileprivate func hasChanges(since point: VectorChangePoint) throws -> Bool {
        if point == .beginning {
            let first = try Int64.fetchOne(self, sql: "SELECT min(sequence) FROM vector_change")
            return first ?? 1 == 1
        }
        let token = try Int64.fetchOne(
            cachedStatement(sql: "SELECT token FROM vector_change WHERE sequence = ?"), arguments: [point.sequence])
        return token.map { UInt64(bitPattern: $0) } == point.token
    }
}

extension Row {
    fileprivate var point: VectorChangePoint {
        VectorChangePoint(sequence: self[0], token: UInt64(bitPattern: self[1] as Int64))
    }
}
