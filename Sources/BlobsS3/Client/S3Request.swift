import Domain
import NIOCore
import NIOHTTP1

/// One request of the S3 API, before it is signed and each time it is sent again.
struct S3Request: Sendable {
    /// The API's name for it, for the log.
    let name: String
    let method: HTTPMethod
    /// Nil for the bucket itself.
    let key: String?
    var query: [Field] = []
    var headers: [Field] = []
    private(set) var body = ByteBuffer()
    /// SHA-256 of the body, in hexadecimal.
    private(set) var payloadHash = emptyHash
    /// Seconds the store may take beyond the usual.
    var extraTime = 0.0

    private static let emptyHash = ContentHash(sha256Of: []).hex

    init(_ name: String, _ method: HTTPMethod, key: String? = nil, query: [Field] = [], headers: [Field] = []) {
        self.name = name
        self.method = method
        self.key = key
        self.query = query
        self.headers = headers
    }

    /// Adds a body, with its checksum for the store to verify.
    mutating func setBody(_ bytes: ByteBuffer, hash: ContentHash) {
        body = bytes
        payloadHash = hash.hex
        // A store that takes 64 KiB a second is slow, not gone.
        extraTime += Double(bytes.readableBytes) / 65_536
    }
}

/// A whole answer with a 2xx status.
struct S3Answer: Sendable {
    let headers: HTTPHeaders
    let body: [UInt8]
}

/// Times as HTTP writes them (RFC 9110 section 5.6.7), for instance `Wed, 25 Nov 2026 11:58:43 GMT`.
enum HTTPDate {
    static func timestamp(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return RFC3339.timestamp("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
