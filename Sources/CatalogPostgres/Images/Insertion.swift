import Domain
import PostgresClient

extension PostgresCatalog {
    public func insert(
        _ images: [NewImage], model: ModelID, answer: IdempotentAnswer?
    ) async throws -> [Image] {
        guard !images.isEmpty || answer != nil else { return [] }
        let insertion = insertion(of: images, model: model)
        let stored = try await write { session in
            // First, so that a request that comes second takes no row numbers.
            if let answer { try session.insert(answer) }
            guard !images.isEmpty else { return [Image]() }
            let rows = try session.run(insertion)
            guard rows.count == images.count else { throw CatalogError.unavailable("an insertion was not complete") }
            return try zip(images, rows).map { new, row in new.stored(as: try row[0]) }
        }
        if images.contains(where: \.index) { wakes?.post() }
        return stored
    }

    /// All images and their jobs in one statement. Rows are numbered, and answered, in the order given.
    private func insertion(of images: [NewImage], model: ModelID) -> PostgresStatement {
        PostgresStatement(
            """
            WITH given AS (
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::int[], $6::int[], $7::int[],
                    $8::bigint[], $9::smallint[], $10::float8[], $11::text[], $12::text[], $13::jsonb[], $14::float8[])
                WITH ORDINALITY AS given (id, account, hash, format, width, height, frames, size_bytes, status,
                    uploaded_at, file_name, metadata, document, recorded_at, place)
            ), stored AS (
                INSERT INTO image (id, account, hash, format, width, height, frames, size_bytes, status, uploaded_at,
                    file_name, metadata, document, recorded_at)
                SELECT id, account, hash, format, width, height, frames, size_bytes, status, uploaded_at, file_name,
                    metadata, document, recorded_at
                FROM given ORDER BY place RETURNING row, status, uploaded_at
            ), queued AS (
                INSERT INTO job (kind, image, model, state, attempts, maximum_attempts, run_after, due_at)
                SELECT 'index', row, $15, 0, 0, $16, due, due
                FROM (SELECT row, LEAST(uploaded_at, COALESCE($17, \(Self.serverTime))) AS due FROM stored
                    WHERE status = 1 ORDER BY row) AS waiting
            ) SELECT row FROM stored ORDER BY row
            """,
            [
                .ids(images.map(\.id)), .ids(images.map(\.accountID)), .hashes(images.map(\.contentHash)),
                .texts(images.map(\.properties.format.rawValue)), .int32s(images.map { Int32($0.properties.width) }),
                .int32s(images.map { Int32($0.properties.height) }), .int32s(images.map { Int32($0.properties.frames) }),
                .int64s(images.map(\.properties.sizeBytes)), .int16s(images.map { Int16($0.status.rawValue) }),
                .doubles(images.map(\.uploadedAt)), .texts(images.map { $0.fileName.map(StoredText.encode) }),
                .texts(images.map { JSONValue.object($0.metadata).jsonText }),
                .jsonbs(images.map { SearchDocument.text($0.metadata) }), .doubles(images.map(\.metadata.recordedAt)),
                .stored(model.rawValue), .int32(Int32(maximumAttempts)), .double(latestDue),
            ])
    }
}

extension NewImage {
    fileprivate var status: IndexingStatus { index ? .inProgress : .notIndexed }

    fileprivate func stored(as row: ImageRow) -> Image {
        Image(
            id: id, row: row, accountID: accountID, contentHash: contentHash, properties: properties,
            fileName: fileName, metadata: metadata, status: status, failure: nil, uploadedAt: uploadedAt)
    }
}

extension JSONObject {
    /// What a list can be ordered by: the recording time, where it is a number.
    var recordedAt: Double? { self["recorded_timestamp_utc"]?.number?.double }
}
