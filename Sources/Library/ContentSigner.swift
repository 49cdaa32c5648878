import Crypto
import Domain

/// Signs content URLs (HMAC-SHA256, RFC 2104), so that an `<img>` needs no key, and checks them.
public struct ContentSigner: Sendable {
    private let secret: SymmetricKey
    private let clock: any TimeSource
    /// Seconds a URL works for.
    public let lifetime: Double

    /// - Parameter secret: at least 32 random bytes, hexadecimal, kept in the catalog's settings.
    public init(secret: String, lifetime: Double, clock: any TimeSource) {
        self.secret = SymmetricKey(data: Array(secret.utf8))
        self.lifetime = lifetime
        self.clock = clock
    }

    /// A fresh secret for a new catalog.
    public static func makeSecret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { bytes in ContentHash(bytes: bytes)!.hex }
    }

    /// The query that makes a content URL work: `expires=1764000000&signature=...`.
    ///
    /// Expiry is rounded up to the hour, so that a browser's cache sees the same URL for a while.
    public func query(for id: ImageID) -> String {
        let expires = Int64(((clock.now + lifetime) / 3600).rounded(.up) * 3600)
        return "expires=\(expires)&signature=\(signature(id, expires))"
    }

    /// Whether a signature is ours and has not run out. Compares in constant time.
    public func accepts(id: ImageID, expires: String, signature: String) -> Bool {
        guard let time = Int64(expires), String(time) == expires, Double(time) > clock.now else { return false }
        guard let bytes = ContentHash(hex: signature)?.bytes else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: message(id, time), using: secret)
    }

    private func signature(_ id: ImageID, _ expires: Int64) -> String {
        ContentHash(bytes: HMAC<SHA256>.authenticationCode(for: message(id, expires), using: secret))!.hex
    }

    private func message(_ id: ImageID, _ expires: Int64) -> [UInt8] {
        Array("imago content v1\n\(id)\n\(expires)".utf8)
    }
}
