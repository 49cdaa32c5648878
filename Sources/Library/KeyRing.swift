import Crypto
import Domain

/// Makes API keys, tells whose they are, and revokes them. A key's text exists only in the answer that made it.
public struct KeyRing: Sendable {
    let catalog: any Catalog
    let identifiers: IdentifierGenerator
    let clock: any TimeSource

    public init(catalog: any Catalog, identifiers: IdentifierGenerator, clock: any TimeSource) {
        self.catalog = catalog
        self.identifiers = identifiers
        self.clock = clock
    }

    /// Every key starts with this, so that leaked ones can be searched for.
    public static let prefix = "imago_"

    /// Makes a key for the account of that name, and the account where there is none.
    /// - Returns: the key's text, to be shown once.
    public func create(
        accountName: String, expiresAt: Timestamp? = nil
    ) async throws -> (text: String, key: APIKey, account: Account) {
        let name = accountName.trimmingWhitespace()
        guard (1...100).contains(name.count),
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw InvalidInput(message: "an account's name has 1 to 100 printable characters", parameter: "account")
        }
        let account = try await catalog.account(named: name, creating: identifiers.next(), at: clock.now)
        let text = Self.prefix + SymmetricKey(size: .bits256).withUnsafeBytes { Base62.encode($0) }
        let key = APIKey(
            id: identifiers.next(), accountID: account.id, digest: Self.digest(of: text),
            prefix: String(text.prefix(Self.prefix.count + 6)), createdAt: clock.now, expiresAt: expiresAt)
        try await catalog.insert(key)
        return (text, key, account)
    }

    /// The account a key stands for; nil when the key is unknown, revoked or expired.
    public func authenticate(_ text: String) async throws -> APIKey? {
        guard (1...256).contains(text.utf8.count) else { return nil }
        guard let key = try await catalog.apiKey(digest: Self.digest(of: text)), key.isValid(at: clock.now) else {
            return nil
        }
        return key
    }

    public static func digest(of text: String) -> ContentHash {
        ContentHash(bytes: SHA256.hash(data: Array(text.utf8)))!
    }
}

/// Letters and digits only: a double click selects a whole key.
enum Base62 {
    /// Bytes are mapped one by one (rejection-free, 62 of 256 values folded), keeping over 5.9 bits a byte.
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        return String(decoding: bytes.map { letters[Int($0) % letters.count] }, as: UTF8.self)
    }
}

extension String {
    func trimmingWhitespace() -> String {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }
}
