import Domain

/// An API key and whose it is, as an administrator sees it.
public struct ListedKey: Sendable, Hashable {
    public let key: APIKey
    public let account: Account

    public init(key: APIKey, account: Account) {
        self.key = key
        self.account = account
    }
}

/// Why a key could not be revoked.
public enum KeyRevocationError: Error, Sendable, Hashable {
    /// No key has that id, text or prefix.
    case noSuchKey
    /// Several keys that still work start so; their prefixes.
    case ambiguous([String])
    /// The key was revoked before, at that time.
    case alreadyRevoked(ListedKey)
}

extension KeyRing {
    /// Characters after `imago_` that a prefix needs, so that a slip of the hand can't name the only key there is.
    private static let leastPrefix = 3

    /// Every key, oldest first, revoked and expired ones too.
    /// - Parameter accountName: only that account's keys; an unknown name has none.
    public func list(accountName: String? = nil) async throws -> [ListedKey] {
        var accounts: [AccountID: Account] = [:]
        for account in try await catalog.accounts() where accountName == nil || account.name == accountName {
            accounts[account.id] = account
        }
        return try await catalog.apiKeys(of: nil).compactMap { key in
            accounts[key.accountID].map { ListedKey(key: key, account: $0) }
        }
    }

    /// Ends a key's validity, at once and for good.
    /// - Parameter idOrPrefix: the key's id, its first characters, or the whole key.
    /// - Throws: `KeyRevocationError`, or what the catalog throws.
    public func revoke(idOrPrefix: String) async throws -> ListedKey {
        let text = idOrPrefix.trimmingWhitespace()
        let named = Self.keys(named: text, among: try await list())
        let live = named.filter { $0.key.revokedAt == nil }
        guard live.count <= 1 else { throw KeyRevocationError.ambiguous(live.map(\.key.prefix)) }
        guard let found = live.first else {
            guard let revoked = named.last else { throw KeyRevocationError.noSuchKey }
            throw KeyRevocationError.alreadyRevoked(revoked)
        }
        guard try await catalog.revoke(found.key.id, at: clock.now) else {
            throw KeyRevocationError.alreadyRevoked(found)
        }
        return found
    }

    private static func keys(named text: String, among keys: [ListedKey]) -> [ListedKey] {
        if let id = APIKeyID(text) { return keys.filter { $0.key.id == id } }
        guard text.hasPrefix(prefix), text.count >= prefix.count + leastPrefix else { return [] }
        let digest = digest(of: text)
        let exact = keys.filter { $0.key.digest == digest }
        return exact.isEmpty ? keys.filter { $0.key.prefix.hasPrefix(text) } : exact
    }
}
