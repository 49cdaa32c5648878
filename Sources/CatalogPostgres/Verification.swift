import Domain
import PostgresClient

extension PostgresCatalog {
    /// Each check counts what is wrong; its words follow the count.
    private static let checks: [(sql: String, words: String)] = [
        (
            """
            SELECT count(*) FROM (SELECT account, status, sum(images) AS images FROM image_count GROUP BY 1, 2) AS kept
            FULL JOIN (SELECT account, status, count(*) AS images FROM image GROUP BY 1, 2) AS found USING (account, status)
            WHERE COALESCE(kept.images, 0) <> COALESCE(found.images, 0)
            """, "counts of images are wrong"
        ),
        (
            "SELECT ((SELECT count(*) FROM job) <> (SELECT COALESCE(sum(jobs), 0) FROM job_count))::int::bigint",
            "count of jobs is wrong"
        ),
        ("SELECT count(*) FROM image WHERE octet_length(hash) <> 32", "images have a damaged hash"),
        (
            "SELECT count(*) FROM vector JOIN image ON image.row = vector.image WHERE image.account <> vector.account",
            "vectors belong to another account than their image"
        ),
        (
            """
            SELECT count(*) FROM pg_index WHERE NOT indisvalid
            AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
            """, "indexes are not valid and should be rebuilt (REINDEX)"
        ),
        (
            "SELECT COALESCE(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()",
            "pages failed their checksum"
        ),
    ]

    public func verify() async throws -> [String] {
        try await readSnapshot(timeout: Self.patience) { session in
            let answers = try session.run(Self.checks.map { PostgresStatement($0.sql, isKept: false) })
            return try zip(Self.checks, answers).compactMap { check, answer in
                let count: Int = try answer.single()
                return count > 0 ? "\(count) \(check.words)" : nil
            }
        }
    }
}
