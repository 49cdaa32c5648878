import Domain
import Foundation
import GRDB

/// The kinds of job there are.
private let indexing = "index"

extension SQLiteCatalog {
    public func claimJobs(
        limit: Int, worker: String, lease: Double, at time: Timestamp
    ) async throws -> [IndexingJob] {
        guard limit > 0 else { return [] }
        // An idle pipeline looks often; a look that finds nothing should not cost a write.
        guard try await read({ try $0.hasDueJob(at: time) }) else { return [] }
        return try await write { database in
            try database.failLostJobs(limit: limit, at: time)
            let rows = try database.dueJobs(limit: limit, at: time)
            return try rows.map { row in
                let token = UUIDValue(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
                let job = IndexingJob(
                    id: row[0], imageID: try row.identifier(5), row: row[4], accountID: try row.identifier(6),
                    contentHash: try row.hash(7), model: ModelID(rawValue: row[3]), attempt: (row[1] as Int) + 1,
                    maximumAttempts: row[2], token: token)
                try database.run(
                    "UPDATE job SET state = 1, attempts = attempts + 1, due_at = ?, worker = ?, token = ? WHERE id = ?",
                    [time + lease, worker, Data(token.bytes), job.id])
                return job
            }
        }
    }

    public func renewLeases(_ jobs: [IndexingJob], lease: Double, at time: Timestamp) async throws -> Set<Int64> {
        guard !jobs.isEmpty else { return [] }
        return try await write { database in
            var held: Set<Int64> = []
            for job in jobs {
                try database.run(
                    "UPDATE job SET due_at = ? WHERE id = ? AND token = ? AND state = 1",
                    [time + lease, job.id, Data(job.token.bytes)])
                if database.changesCount > 0 { held.insert(job.id) }
            }
            return held
        }
    }

    public func complete(_ completions: [JobCompletion], at time: Timestamp) async throws -> Set<Int64> {
        guard !completions.isEmpty else { return [] }
        return try await write { database in
            var stored: Set<Int64> = []
            for completion in completions where try database.store(completion) { stored.insert(completion.job.id) }
            return stored
        }
    }

    public func release(_ jobs: [IndexingJob]) async throws {
        guard !jobs.isEmpty else { return }
        try await write { database in
            for job in jobs {
                try database.run(
                    """
                    UPDATE job SET state = 0, attempts = attempts - 1, due_at = run_after, worker = NULL, token = NULL
                    WHERE id = ? AND token = ? AND state = 1
                    """, [job.id, Data(job.token.bytes)])
            }
        }
    }

    public func releaseAllClaims() async throws -> Int {
        try await write { database in
            // The try stays counted: a job that kills the process must not be tried for ever.
            try database.run(
                "UPDATE job SET state = 0, due_at = run_after, worker = NULL, token = NULL WHERE state = 1")
            return database.changesCount
        }
    }

    public func jobCounts(at time: Timestamp) async throws -> JobCounts {
        try await read { database in
            let all = try Int.fetchOne(database, sql: "SELECT jobs FROM job_count") ?? 0
            let running = try Int.fetchOne(database, sql: "SELECT count(*) FROM job WHERE state = 1") ?? 0
            let oldest = try Double.fetchOne(
                database, sql: "SELECT due_at FROM job WHERE state = 0 AND due_at <= ? ORDER BY due_at LIMIT 1",
                arguments: [time])
            return JobCounts(queued: all - running, running: running, oldestDueAt: oldest)
        }
    }
}

extension Database {
    func queueJob(
        row: ImageRow, model: ModelID, priority: JobPriority, maximumAttempts: Int, at time: Timestamp
    ) throws {
        try run(
            """
            INSERT INTO job (kind, image, model, state, attempts, maximum_attempts, run_after, due_at, priority)
            VALUES (?, ?, ?, 0, 0, ?, ?, ?, ?)
            """, [indexing, row, model.rawValue, maximumAttempts, time, time, priority.rawValue])
    }

    fileprivate func hasDueJob(at time: Timestamp) throws -> Bool {
        try Int.fetchOne(
            cachedStatement(sql: "SELECT 1 FROM job WHERE due_at <= ? LIMIT 1"), arguments: [time]) != nil
    }

    /// One look for each priority, so that each follows the index however many jobs of the others wait.
    fileprivate func dueJobs(limit: Int, at time: Timestamp) throws -> [Row] {
        var rows: [Row] = []
        for priority in JobPriority.allCases.sorted(by: >) where rows.count < limit {
            rows += try Row.fetchAll(
                cachedStatement(
                    sql: """
                        SELECT job.id, job.attempts, job.maximum_attempts, job.model, image.row, image.id, image.account,
                            image.hash
                        FROM job JOIN image ON image.row = job.image
                        WHERE job.priority = ? AND job.due_at <= ? AND job.attempts < job.maximum_attempts
                        ORDER BY job.due_at, job.id LIMIT ?
                        """), arguments: [priority.rawValue, time, limit - rows.count])
        }
        return rows
    }

    /// Ends jobs that are due again with every try used up: each of their workers was lost.
    fileprivate func failLostJobs(limit: Int, at time: Timestamp) throws {
        let lost = try Row.fetchAll(
            cachedStatement(
                sql: "SELECT id, image FROM job WHERE due_at <= ? AND attempts >= maximum_attempts LIMIT ?"),
            arguments: [time, limit])
        for row in lost {
            try setStatus(
                .failed,
                failure: IndexingFailure(
                    code: "worker_lost", message: "indexing was begun several times and never came to an end"),
                of: row[1])
            try run("DELETE FROM job WHERE id = ?", [row[0] as Int64])
        }
    }

    /// Stores one outcome. False when the claim is no longer current or the image is gone.
    fileprivate func store(_ completion: JobCompletion) throws -> Bool {
        let job = completion.job
        let current = try Int.fetchOne(
            cachedStatement(sql: "SELECT 1 FROM job WHERE id = ? AND token = ? AND state = 1"),
            arguments: [job.id, Data(job.token.bytes)])
        guard current != nil else { return false }
        switch completion.outcome {
        case .indexed(let embedding):
            try storeVector(embedding, row: job.row, model: job.model)
            try setStatus(.indexed, failure: nil, of: job.row)
            try run("DELETE FROM job WHERE id = ?", [job.id])
        case .failed(let failure):
            try setStatus(.failed, failure: failure, of: job.row)
            try run("DELETE FROM job WHERE id = ?", [job.id])
        case .retry(let time, let failure):
            try run(
                """
                UPDATE job SET state = 0, run_after = ?, due_at = ?, worker = NULL, token = NULL, failure_code = ?,
                    failure_message = ? WHERE id = ?
                """, [time, time, failure.code, failure.message, job.id])
        }
        return true
    }
}
