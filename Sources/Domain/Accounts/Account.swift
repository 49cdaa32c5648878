/// Whose images they are. An account sees its own and nothing else.
public struct Account: Sendable, Hashable, Identifiable {
    public let id: AccountID
    /// Unique, 1 to 100 characters.
    public let name: String
    public let createdAt: Timestamp

    public init(id: AccountID, name: String, createdAt: Timestamp) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
    }
}

/// What the catalog keeps of an API key: never the key itself, only its digest.
public struct APIKey: Sendable, Hashable, Identifiable {
    public let id: APIKeyID
    public let accountID: AccountID
    /// SHA-256 of the key's text. The key is 256 random bits, so a plain digest can't be searched through.
    public let digest: ContentHash
    /// The key's first characters, to tell keys apart in a list.
    public let prefix: String
    public let createdAt: Timestamp
    public let expiresAt: Timestamp?
    public let revokedAt: Timestamp?

    public init(
        id: APIKeyID, accountID: AccountID, digest: ContentHash, prefix: String, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.digest = digest
        self.prefix = prefix
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    public func isValid(at time: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { time < $0 } ?? true
    }
}
