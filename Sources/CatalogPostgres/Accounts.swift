import Domain
import PostgresClient

extension PostgresCatalog {
    public func account(named name: String, creating id: AccountID, at time: Timestamp) async throws -> Account {
        try await writeRepeatably { session in
            let answers = try session.run([
                PostgresStatement(
                    "INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
                    [.id(id), .stored(name), .double(time)]),
                // A statement of its own, so that it sees the row that was in the way.
                PostgresStatement("SELECT id, name, created_at FROM account WHERE name = $1", [.stored(name)]),
            ])
            guard let row = answers[1].first else {
                throw CatalogError.unavailable("an account vanished while it was made")
            }
            return try row.account()
        }
    }

    public func account(_ id: AccountID) async throws -> Account? {
        try await read { session in
            try session.run("SELECT id, name, created_at FROM account WHERE id = $1", [.id(id)]).first?.account()
        }
    }

    public func accounts() async throws -> [Account] {
        try await read { session in
            try session.run("SELECT id, name, created_at FROM account ORDER BY created_at, id").map { try $0.account() }
        }
    }

    public func insert(_ key: APIKey) async throws {
        try await write { session in
            _ = try session.run(
                """
                INSERT INTO api_key (id, account, digest, prefix, created_at, expires_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .id(key.id), .id(key.accountID), .hash(key.digest), .stored(key.prefix), .double(key.createdAt),
                    .double(key.expiresAt), .double(key.revokedAt),
                ])
        }
    }

    private static let keyColumns = "id, account, digest, prefix, created_at, expires_at, revoked_at"

    public func apiKey(digest: ContentHash) async throws -> APIKey? {
        try await read { session in
            try session.run("SELECT \(Self.keyColumns) FROM api_key WHERE digest = $1", [.hash(digest)]).first?.apiKey()
        }
    }

    public func apiKeys(of account: AccountID?) async throws -> [APIKey] {
        try await read { session in
            try session.run(
                "SELECT \(Self.keyColumns) FROM api_key WHERE $1 IS NULL OR account = $1 ORDER BY created_at, id",
                [.id(account)]
            ).map { try $0.apiKey() }
        }
    }

    public func revoke(_ key: APIKeyID, at time: Timestamp) async throws -> Bool {
        try await write { session in
            try session.run(
                "UPDATE api_key SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", [.double(time), .id(key)]
            ).affected > 0
        }
    }
}

extension PostgresRow {
    fileprivate func account() throws -> Account {
        Account(id: try identifier(0), name: try text(1), createdAt: try self[2])
    }

    fileprivate func apiKey() throws -> APIKey {
        APIKey(
            id: try identifier(0), accountID: try identifier(1), digest: try hash(2), prefix: try text(3),
            createdAt: try self[4], expiresAt: try self[5], revokedAt: try self[6])
    }
}
