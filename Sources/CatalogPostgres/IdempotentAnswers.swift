import Domain
import PostgresClient

extension PostgresCatalog {
    public func idempotentAnswer(
        key: String, account: AccountID, since: Timestamp
    ) async throws -> IdempotentAnswer? {
        try await read { session in
            let row = try session.run(
                """
                SELECT fingerprint, results, created_at FROM idempotent_answer
                WHERE account = $1 AND key = $2 AND created_at >= $3
                """, [.id(account), .stored(key), .double(since)]
            ).first
            guard let row else { return nil }
            let results = try row.json(1).array ?? []
            return IdempotentAnswer(
                key: key, accountID: account, fingerprint: try row.hash(0),
                results: results.map { value in
                    if let id = value.string.flatMap({ ImageID($0) }) { .image(id) } else { .refused(value) }
                }, createdAt: try row[2])
        }
    }

    public func removeIdempotentAnswers(before time: Timestamp) async throws {
        try await writeRepeatably { session in
            _ = try session.run("DELETE FROM idempotent_answer WHERE created_at < $1", [.double(time)])
        }
    }
}

extension PostgresSession {
    /// Stores an answer: an id as a string, a refusal as its object. An answer past its time gives way.
    func insert(_ answer: IdempotentAnswer) throws {
        let results = JSONValue.array(
            answer.results.map { entry in
                switch entry {
                case .image(let id): .string(id.description)
                case .refused(let json): json
                }
            })
        let answers = try run([
            PostgresStatement(
                "DELETE FROM idempotent_answer WHERE account = $1 AND key = $2 AND created_at < $3",
                [.id(answer.accountID), .stored(answer.key), .double(answer.createdAt - IdempotentAnswer.lifetime)]),
            // Waits for another transaction that has just stored the key, and gives way to it.
            PostgresStatement(
                """
                INSERT INTO idempotent_answer (account, key, fingerprint, results, created_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (account, key) DO NOTHING
                """,
                [
                    .id(answer.accountID), .stored(answer.key), .hash(answer.fingerprint), .text(results.jsonText),
                    .double(answer.createdAt),
                ]),
        ])
        guard answers[1].affected > 0 else { throw CatalogError.idempotencyKeyUsed }
    }
}
