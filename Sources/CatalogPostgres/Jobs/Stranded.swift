import Domain
import PostgresClient

extension PostgresCatalog {
    /// Images that no job will index with the model although they should be; the model's name is the first value.
    private static let stranded = """
        SELECT row FROM image WHERE status = 1
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.image = image.row AND job.model = $1)
        UNION ALL
        SELECT row FROM image WHERE status = 2 AND NOT EXISTS (SELECT 1 FROM vector
            WHERE vector.image = image.row AND vector.model = (SELECT number FROM model WHERE name = $1))
        """

    public func strandedImages(model: ModelID) async throws -> Int {
        try await readSnapshot(timeout: Self.patience) { session in
            try session.run(
                "SELECT count(*) FROM (\(Self.stranded)) AS stranded", [.stored(model.rawValue)], isKept: false
            ).single()
        }
    }

    public func queueStranded(model: ModelID, at time: Timestamp) async throws -> Int {
        let parameters: [PostgresParameter] = [
            .stored(model.rawValue), .int32(Int32(maximumAttempts)), .double(latestDue), .double(time),
        ]
        let queued: Int = try await write(timeout: Self.patience) { session in
            // Nodes that start together would all find the same images.
            try session.run(AdvisoryLock.queueStranded.statement)
            try session.run("DELETE FROM job WHERE model <> $1", [.stored(model.rawValue)], isKept: false)
            return try session.run(
                """
                WITH stranded AS (\(Self.stranded)),
                queued AS (
                    INSERT INTO job (kind, image, model, state, attempts, maximum_attempts, run_after, due_at)
                    SELECT 'index', row, $1, 0, 0, $2, due, due
                    FROM stranded, (SELECT LEAST($4, COALESCE($3, \(Self.serverTime))) AS due) AS time ORDER BY row
                    ON CONFLICT (image, kind, model) DO NOTHING RETURNING image
                ), marked AS (
                    UPDATE image SET status = 1, failure_code = NULL, failure_message = NULL
                    FROM queued WHERE image.row = queued.image
                ) SELECT count(*) FROM queued
                """, parameters, isKept: false
            ).single()
        }
        if queued > 0 { wakes?.post() }
        return queued
    }
}
