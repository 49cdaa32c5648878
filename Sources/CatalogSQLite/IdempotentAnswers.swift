import Domain
import GRDB

extension SQLiteCatalog {
    public func idempotentAnswer(
        key: String, account: AccountID, since: Timestamp
    ) async throws -> IdempotentAnswer? {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT fingerprint, results, created_at FROM idempotent_answer
                    WHERE account = ? AND key = ? AND created_at >= ?
                    """, arguments: [account.data, key, since])
            guard let row else { return nil }
            let results = try row.json(1).array ?? []
            return IdempotentAnswer(
                key: key, accountID: account, fingerprint: try row.hash(0),
                results: results.map { value in
                    if let id = value.string.flatMap({ ImageID($0) }) { .image(id) } else { .refused(value) }
                }, createdAt: row[2])
        }
    }

    public func removeIdempotentAnswers(before time: Timestamp) async throws {
        try await write { database in
            try database.run("DELETE FROM idempotent_answer WHERE created_at < ?", [time])
        }
    }
}

extension Database {
    /// Stores an answer: an id as a string, a refusal as its object. An answer past its time gives way.
    func insert(_ answer: IdempotentAnswer) throws {
        let results = JSONValue.array(
            answer.results.map { entry in
                switch entry {
                case .image(let id): .string(id.description)
                case .refused(let json): json
                }
            })
        try run(
            "DELETE FROM idempotent_answer WHERE account = ? AND key = ? AND created_at < ?",
            [answer.accountID.data, answer.key, answer.createdAt - IdempotentAnswer.lifetime])
        try run(
            """
            INSERT INTO idempotent_answer (account, key, fingerprint, results, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account, key) DO NOTHING
            """,
            [answer.accountID.data, answer.key, answer.fingerprint.data, results.jsonText, answer.createdAt])
        guard changesCount > 0 else { throw CatalogError.idempotencyKeyUsed }
    }
}
