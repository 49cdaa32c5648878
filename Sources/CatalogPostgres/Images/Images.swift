import Domain
import PostgresClient

extension PostgresCatalog {
    public func image(_ id: ImageID, account: AccountID) async throws -> Image? {
        try await read { session in
            try session.images(where: "image.id = $1 AND image.account = $2", [.id(id), .id(account)]).first
        }
    }

    public func image(_ id: ImageID) async throws -> Image? {
        try await read { session in try session.images(where: "image.id = $1", [.id(id)]).first }
    }

    public func images(_ ids: [ImageID], account: AccountID) async throws -> [Image] {
        guard !ids.isEmpty else { return [] }
        return try await read { session in
            try session.images(where: "image.id = ANY($1) AND image.account = $2", [.ids(ids), .id(account)])
        }
    }

    public func images(rows: [ImageRow], account: AccountID) async throws -> [Image] {
        guard !rows.isEmpty else { return [] }
        return try await read { session in
            try session.images(where: "image.row = ANY($1) AND image.account = $2", [.int64s(rows), .id(account)])
        }
    }

    public func delete(_ ids: [ImageID], account: AccountID) async throws -> DeletedImages {
        guard !ids.isEmpty else { return DeletedImages(images: [], unreferenced: []) }
        return try await write { session in
            let which = "image.id = ANY($1) AND image.account = $2"
            let parameters: [PostgresParameter] = [.ids(ids), .id(account)]
            let answers = try session.run([
                // Jobs are locked before images, as everywhere: a worker that completes one of them is waited for.
                PostgresStatement(
                    """
                    SELECT job.id FROM job JOIN image ON image.row = job.image WHERE \(which)
                    ORDER BY job.id FOR UPDATE OF job
                    """, parameters),
                PostgresStatement("SELECT row FROM image WHERE \(which) ORDER BY row FOR UPDATE", parameters),
                PostgresStatement("DELETE FROM image WHERE \(which) RETURNING \(ImageColumns.all)", parameters),
            ])
            let images = try answers[2].map { try $0.image() }
            guard !images.isEmpty else { return DeletedImages(images: [], unreferenced: []) }
            let unreferenced = try session.run(
                "SELECT hash FROM blob WHERE hash = ANY($1) AND reference_count = 0 ORDER BY hash",
                [.hashes(Array(Set(images.map(\.contentHash))))]
            ).map { try $0.hash(0) }
            return DeletedImages(images: images, unreferenced: unreferenced)
        }
    }

    public func setMetadata(_ metadata: JSONObject, of id: ImageID, account: AccountID) async throws -> Image? {
        try await writeRepeatably { session in
            try session.run(
                """
                UPDATE image SET metadata = $1, document = $2, recorded_at = $3 WHERE id = $4 AND account = $5
                RETURNING \(ImageColumns.all)
                """,
                [
                    .text(JSONValue.object(metadata).jsonText), .jsonb(SearchDocument.text(metadata)),
                    .double(metadata.recordedAt), .id(id), .id(account),
                ]
            ).first?.image()
        }
    }

    public func queueIndexing(
        of id: ImageID, account: AccountID, model: ModelID, at time: Timestamp
    ) async throws -> Image? {
        let parameters: [PostgresParameter] = [
            .id(id), .id(account), .stored(model.rawValue), .int32(Int32(maximumAttempts)), .double(latestDue),
            .double(time),
        ]
        let image = try await writeRepeatably { session in
            // A claim of the job there was holds no more: its token is gone.
            try session.run(
                """
                WITH wanted AS (SELECT row FROM image WHERE id = $1 AND account = $2),
                queued AS (
                    INSERT INTO job (kind, image, model, state, attempts, maximum_attempts, run_after, due_at)
                    SELECT 'index', row, $3, 0, 0, $4, due, due
                    FROM wanted, (SELECT LEAST($6, COALESCE($5, \(Self.serverTime))) AS due) AS time
                    ON CONFLICT (image, kind, model) DO UPDATE SET state = 0, attempts = 0,
                        maximum_attempts = excluded.maximum_attempts, run_after = excluded.run_after,
                        due_at = excluded.due_at, worker = NULL, token = NULL, failure_code = NULL,
                        failure_message = NULL
                    RETURNING image
                ) UPDATE image SET status = 1, failure_code = NULL, failure_message = NULL
                FROM queued WHERE image.row = queued.image RETURNING \(ImageColumns.all)
                """, parameters
            ).first?.image()
        }
        if image != nil { wakes?.post() }
        return image
    }

    public func imageCounts() async throws -> [IndexingStatus: Int] {
        try await read { session in
            let rows = try session.run("SELECT status, sum(images)::bigint FROM image_count GROUP BY status")
            return try rows.reduce(into: [:]) { counts, row in
                if let status = IndexingStatus(rawValue: try row[0]) { counts[status] = try row[1] }
            }
        }
    }
}
