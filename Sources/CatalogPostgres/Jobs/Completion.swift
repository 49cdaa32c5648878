import Domain
import PostgresClient

extension PostgresCatalog {
    /// Stores outcomes in one statement, so that the locks it takes are held for no exchange with the node. Each kind of
    /// outcome picks its jobs from those still held by the claims that completed them.
    private static let storeOutcomes = """
        WITH given AS (
            SELECT * FROM unnest($2::bigint[], $3::uuid[], $4::smallint[], $5::bytea[], $6::text[], $7::text[],
                $8::float8[]) AS given (id, token, outcome, bytes, failure_code, failure_message, delay)
        ), held AS MATERIALIZED (
            SELECT job.id, job.image, job.model, given.outcome, given.bytes, given.failure_code, given.failure_message,
                given.delay
            FROM job JOIN given ON job.id = given.id AND job.token = given.token
            WHERE job.state = 1 ORDER BY job.id FOR UPDATE OF job
        ), vectors AS (
            INSERT INTO vector (image, model, account, bytes)
            SELECT image.row, model.number, image.account, held.bytes
            FROM held JOIN image ON image.row = held.image JOIN model ON model.name = held.model
            WHERE outcome = \(StoredOutcome.indexed.rawValue)
            ON CONFLICT (image, model) DO UPDATE SET bytes = excluded.bytes
        ), marked AS (
            UPDATE image SET status = CASE outcome WHEN \(StoredOutcome.indexed.rawValue) THEN 2 ELSE 3 END,
                failure_code = held.failure_code, failure_message = held.failure_message
            FROM held WHERE image.row = held.image AND outcome <> \(StoredOutcome.retry.rawValue)
        ), ended AS (
            DELETE FROM job USING held WHERE job.id = held.id AND outcome <> \(StoredOutcome.retry.rawValue)
        ), put_off AS (
            UPDATE job SET state = 0, run_after = COALESCE($1, \(serverTime)) + delay,
                due_at = COALESCE($1, \(serverTime)) + delay, worker = NULL, token = NULL,
                failure_code = held.failure_code, failure_message = held.failure_message
            FROM held WHERE job.id = held.id AND outcome = \(StoredOutcome.retry.rawValue)
        ) SELECT id FROM held
        """

    public func complete(_ completions: [JobCompletion], at time: Timestamp) async throws -> Set<Int64> {
        guard !completions.isEmpty else { return [] }
        let outcomes = completions.map { StoredOutcome($0.outcome, at: time) }
        let parameters: [PostgresParameter] = [
            bound(time), .int64s(completions.map(\.job.id)), .uuids(completions.map(\.job.token.bytes)),
            .int16s(outcomes.map(\.kind.rawValue)), .byteStrings(outcomes.map(\.bytes)),
            .texts(outcomes.map { $0.failure.map { StoredText.encode($0.code) } }),
            .texts(outcomes.map { $0.failure.map { StoredText.encode($0.message) } }), .doubles(outcomes.map(\.delay)),
        ]
        let models = Array(Set(completions.map { StoredText.encode($0.job.model.rawValue) }))
        return try await writeRepeatably { session in
            let answers = try session.run([
                PostgresStatement(
                    """
                    INSERT INTO model (name) SELECT name FROM unnest($1::text[]) AS wanted (name)
                    WHERE NOT EXISTS (SELECT 1 FROM model WHERE model.name = wanted.name)
                    ORDER BY name ON CONFLICT (name) DO NOTHING
                    """, [.texts(models)]),
                PostgresStatement(Self.storeOutcomes, parameters),
            ])
            return Set(try answers[1].map { try $0[0] as Int64 })
        }
    }
}

/// An outcome in columns.
private struct StoredOutcome {
    enum Kind: Int16 {
        case indexed = 0
        case failed = 1
        case retry = 2
    }

    static let indexed = Kind.indexed
    static let retry = Kind.retry

    let kind: Kind
    var bytes: [UInt8]?
    var failure: IndexingFailure?
    /// Seconds until the next try.
    var delay: Double?

    init(_ outcome: JobOutcome, at time: Timestamp) {
        switch outcome {
        case .indexed(let embedding):
            kind = .indexed
            bytes = embedding.halfPrecisionBytes
        case .failed(let failure):
            kind = .failed
            self.failure = failure
        case .retry(let next, let failure):
            kind = .retry
            self.failure = failure
            delay = next - time
        }
    }
}
