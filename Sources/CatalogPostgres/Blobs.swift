import Domain
import PostgresClient

extension PostgresCatalog {
    public func unreferencedBlobs(limit: Int) async throws -> [ContentHash] {
        try await hashes(
            "SELECT hash FROM blob WHERE reference_count = 0 ORDER BY hash LIMIT $1", [.int64(Int64(limit))])
    }

    public func isReferenced(_ hash: ContentHash) async throws -> Bool {
        try await read { session in
            try !session.run("SELECT 1 FROM blob WHERE hash = $1 AND reference_count > 0", [.hash(hash)]).isEmpty
        }
    }

    public func forgetBlobs(_ hashes: [ContentHash]) async throws {
        guard !hashes.isEmpty else { return }
        try await writeRepeatably { session in
            _ = try session.run(
                "DELETE FROM blob WHERE hash = ANY($1) AND reference_count = 0", [.hashes(hashes)])
        }
    }

    public func referencedBlobs(after hash: ContentHash?, limit: Int) async throws -> [ContentHash] {
        try await hashes(
            "SELECT hash FROM blob WHERE reference_count > 0 AND hash > $1 ORDER BY hash LIMIT $2",
            [.bytes(hash?.bytes ?? []), .int64(Int64(limit))])
    }

    private func hashes(_ sql: String, _ parameters: [PostgresParameter]) async throws -> [ContentHash] {
        try await read { session in try session.run(sql, parameters).map { try $0.hash(0) } }
    }

    public func wrongBlobReferences() async throws -> Int {
        try await readSnapshot(timeout: Self.patience) { session in
            try session.run(
                """
                SELECT count(*) FROM blob
                FULL JOIN (SELECT hash, count(*) AS images FROM image GROUP BY hash) AS held USING (hash)
                WHERE COALESCE(reference_count, 0) <> COALESCE(images, 0)
                """, isKept: false
            ).single()
        }
    }

    public func mendBlobReferences() async throws -> Int {
        try await write(timeout: Self.patience) { session in
            // Nobody may add or remove an image between the count and what is made of it.
            try session.run("LOCK TABLE image, blob IN SHARE ROW EXCLUSIVE MODE", isKept: false)
            return try session.run(
                """
                WITH counted AS (SELECT hash, max(size_bytes) AS size_bytes, count(*) AS images FROM image GROUP BY hash),
                added AS (
                    INSERT INTO blob (hash, size_bytes, reference_count)
                    SELECT hash, size_bytes, images FROM counted
                    WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = counted.hash) RETURNING 1),
                mended AS (
                    UPDATE blob SET reference_count = found.images
                    FROM (SELECT blob.hash, COALESCE(images, 0) AS images FROM blob LEFT JOIN counted USING (hash)) AS found
                    WHERE blob.hash = found.hash AND blob.reference_count <> found.images RETURNING 1)
                SELECT (SELECT count(*) FROM added) + (SELECT count(*) FROM mended)
                """, isKept: false
            ).single()
        }
    }

    public func markLost(_ hash: ContentHash, failure: IndexingFailure) async throws -> Int {
        try await write(timeout: Self.patience) { session in
            // In the order everything else takes its locks in: jobs, vectors, images.
            let rows = try session.run("SELECT row FROM image WHERE hash = $1", [.hash(hash)]).map { try $0[0] as Int64 }
            guard !rows.isEmpty else { return 0 }
            return try session.run([
                PostgresStatement("DELETE FROM job WHERE image = ANY($1)", [.int64s(rows)]),
                PostgresStatement("DELETE FROM vector WHERE image = ANY($1)", [.int64s(rows)]),
                PostgresStatement(
                    "UPDATE image SET status = 3, failure_code = $2, failure_message = $3 WHERE row = ANY($1)",
                    [.int64s(rows), .stored(failure.code), .stored(failure.message)]),
            ])[2].affected
        }
    }
}
