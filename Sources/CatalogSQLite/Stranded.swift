import Domain
import GRDB

extension SQLiteCatalog {
    /// Images that no job will index with the model although they should be, bound to the model's name twice.
    private static let stranded = """
        (image.status = 1 AND NOT EXISTS (SELECT 1 FROM job WHERE job.image = image.row AND job.model = ?1))
        OR (image.status = 2 AND NOT EXISTS (SELECT 1 FROM vector
            WHERE vector.image = image.row AND vector.model = (SELECT number FROM model WHERE name = ?1)))
        """

    public func strandedImages(model: ModelID) async throws -> Int {
        try await read { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM image WHERE \(Self.stranded)", arguments: [model.rawValue]) ?? 0
        }
    }

    public func queueStranded(model: ModelID, at time: Timestamp) async throws -> Int {
        let maximumAttempts = self.maximumAttempts
        return try await write { database in
            try database.run("DELETE FROM job WHERE model <> ?", [model.rawValue])
            let rows = try ImageRow.fetchAll(
                database, sql: "SELECT row FROM image WHERE \(Self.stranded)", arguments: [model.rawValue])
            for row in rows {
                try database.queueJob(
                    row: row, model: model, priority: .reembedding, maximumAttempts: maximumAttempts, at: time)
                try database.setStatus(.inProgress, failure: nil, of: row)
            }
            return rows.count
        }
    }

    public func verify() async throws -> [String] {
        try await read { database in
            var faults = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            faults += try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").prefix(20).map { row in
                "a row of \(row["table"] as String? ?? "?") refers to a missing row of \(row["parent"] as String? ?? "?")"
            }
            let wrong =
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT count(*) FROM (
                            SELECT account, status, count(*) AS images FROM image GROUP BY account, status
                            EXCEPT SELECT account, status, images FROM image_count)
                        """) ?? 0
            if wrong > 0 { faults.append("\(wrong) counts of images are wrong") }
            return faults
        }
    }
}
