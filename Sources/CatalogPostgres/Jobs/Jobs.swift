import Domain
import PostgresClient

extension PostgresCatalog {
    /// Claims in one statement. Jobs another node is claiming at this moment are passed over, not waited for.
    private static let claim = """
        WITH lost AS MATERIALIZED (
            SELECT id FROM job WHERE due_at <= \(now) AND attempts >= maximum_attempts
            ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), ended AS (
            DELETE FROM job USING lost WHERE job.id = lost.id RETURNING job.image
        ), marked AS (
            UPDATE image SET status = 3, failure_code = 'worker_lost',
                failure_message = 'indexing was begun several times and never came to an end'
            FROM ended WHERE image.row = ended.image
        ), due AS MATERIALIZED (
            SELECT id, due_at FROM job WHERE due_at <= \(now) AND attempts < maximum_attempts
            ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE job SET state = 1, attempts = attempts + 1, due_at = \(now) + $3, worker = $4,
                token = gen_random_uuid()
            FROM due WHERE job.id = due.id
            RETURNING job.id, job.image, job.model, job.attempts, job.maximum_attempts, job.token, due.due_at AS was_due
        ) SELECT claimed.id, image.id, image.row, image.account, image.hash, claimed.model, claimed.attempts,
            claimed.maximum_attempts, claimed.token
        FROM claimed JOIN image ON image.row = claimed.image ORDER BY was_due, claimed.id
        """

    /// The time that counts: the first value where one is bound.
    private static let now = "COALESCE($1, \(serverTime))"

    public func claimJobs(
        limit: Int, worker: String, lease: Double, at time: Timestamp
    ) async throws -> [IndexingJob] {
        guard limit > 0 else { return [] }
        let parameters: [PostgresParameter] = [bound(time), .int64(Int64(limit)), .double(lease), .stored(worker)]
        return try await writeRepeatably { session in
            try session.run(Self.claim, parameters).map { row in
                guard let token = UUIDValue(bytes: try row[8] as [UInt8]) else { throw row.damaged("token") }
                return IndexingJob(
                    id: try row[0], imageID: try row.identifier(1), row: try row[2], accountID: try row.identifier(3),
                    contentHash: try row.hash(4), model: ModelID(rawValue: try row.text(5)), attempt: try row[6],
                    maximumAttempts: try row[7], token: token)
            }
        }
    }

    public func renewLeases(_ jobs: [IndexingJob], lease: Double, at time: Timestamp) async throws -> Set<Int64> {
        guard !jobs.isEmpty else { return [] }
        let parameters = [bound(time), .double(lease)] + Self.claims(jobs)
        return try await writeRepeatably { session in
            let rows = try session.run(
                """
                UPDATE job SET due_at = \(Self.now) + $2 FROM unnest($3::bigint[], $4::uuid[]) AS held (id, token)
                WHERE job.id = held.id AND job.token = held.token AND job.state = 1 RETURNING job.id
                """, parameters)
            return Set(try rows.map { try $0[0] as Int64 })
        }
    }

    public func release(_ jobs: [IndexingJob]) async throws {
        guard !jobs.isEmpty else { return }
        try await writeRepeatably { session in
            _ = try session.run(
                """
                UPDATE job SET state = 0, attempts = attempts - 1, due_at = run_after, worker = NULL, token = NULL
                FROM unnest($1::bigint[], $2::uuid[]) AS held (id, token)
                WHERE job.id = held.id AND job.token = held.token AND job.state = 1
                """, Self.claims(jobs))
        }
        wakes?.post()
    }

    public func releaseAllClaims() async throws -> Int {
        try await writeRepeatably { session in
            // The try stays counted: a job that kills the process must not be tried for ever.
            try session.run(
                "UPDATE job SET state = 0, due_at = run_after, worker = NULL, token = NULL WHERE state = 1"
            ).affected
        }
    }

    public func jobCounts(at time: Timestamp) async throws -> JobCounts {
        let parameters = [bound(time)]
        return try await readSnapshot { session in
            let row = try session.run(
                """
                SELECT (SELECT COALESCE(sum(jobs), 0)::bigint FROM job_count),
                    (SELECT count(*) FROM job WHERE state = 1),
                    \(Self.now) - (SELECT due_at FROM job WHERE state = 0 AND due_at <= \(Self.now)
                        ORDER BY due_at, id LIMIT 1)
                """, parameters)[0]
            let (all, running): (Int, Int) = (try row[0], try row[1])
            let age: Double? = try row[2]
            return JobCounts(queued: all - running, running: running, oldestDueAt: age.map { time - $0 })
        }
    }

    /// Ids and tokens, as two lists to bind.
    private static func claims(_ jobs: [IndexingJob]) -> [PostgresParameter] {
        [.int64s(jobs.map(\.id)), .uuids(jobs.map(\.token.bytes))]
    }
}
