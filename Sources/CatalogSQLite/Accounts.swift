import Domain
import GRDB

extension SQLiteCatalog {
    public func account(named name: String, creating id: AccountID, at time: Timestamp) async throws -> Account {
        try await write { database in
            try database.run(
                "INSERT INTO account (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                [id.data, name, time])
            let row = try Row.fetchOne(
                database, sql: "SELECT id, name, created_at FROM account WHERE name = ?", arguments: [name])
            guard let row else { throw CatalogError.unavailable("an account vanished while it was made") }
            return try row.account()
        }
    }

    public func account(_ id: AccountID) async throws -> Account? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT id, name, created_at FROM account WHERE id = ?", arguments: [id.data])?.account()
        }
    }

    public func accounts() async throws -> [Account] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT id, name, created_at FROM account ORDER BY created_at, id")
                .map { try $0.account() }
        }
    }

    public func insert(_ key: APIKey) async throws {
        try await write { database in
            try database.run(
                """
                INSERT INTO api_key (id, account, digest, prefix, created_at, expires_at, revoked_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    key.id.data, key.accountID.data, key.digest.data, key.prefix, key.createdAt, key.expiresAt,
                    key.revokedAt,
                ])
        }
    }

    private static let keyColumns = "id, account, digest, prefix, created_at, expires_at, revoked_at"

    public func apiKey(digest: ContentHash) async throws -> APIKey? {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT \(Self.keyColumns) FROM api_key WHERE digest = ?")
            return try Row.fetchOne(statement, arguments: [digest.data])?.apiKey()
        }
    }

    public func apiKeys(of account: AccountID?) async throws -> [APIKey] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.keyColumns) FROM api_key WHERE ?1 IS NULL OR account = ?1 ORDER BY created_at, id
                    """, arguments: [account?.data]
            ).map { try $0.apiKey() }
        }
    }

    public func revoke(_ key: APIKeyID, at time: Timestamp) async throws -> Bool {
        try await write { database in
            try database.run(
                "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", [time, key.data])
            return database.changesCount > 0
        }
    }
}

extension Row {
    fileprivate func account() throws -> Account {
        Account(id: try identifier(0), name: self[1], createdAt: self[2])
    }

    fileprivate func apiKey() throws -> APIKey {
        APIKey(
            id: try identifier(0), accountID: try identifier(1), digest: try hash(2), prefix: self[3],
            createdAt: self[4], expiresAt: self[5], revokedAt: self[6])
    }
}
