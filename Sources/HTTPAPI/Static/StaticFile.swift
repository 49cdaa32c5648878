import Crypto
import Domain
import HTTPTypes
import NIOCore

/// A file that is the same for everybody: a page, what a page needs, or the description of the API.
struct StaticFile: Sendable {
    /// `/console/grid.js`
    let path: String
    let contentType: String
    /// The SHA-256 of the bytes, a strong validator (RFC 9110 section 8.8.3).
    let entityTag: String
    let bytes: ByteBuffer
    /// Whether people or programs ask for it by itself, and not because a page refers to it.
    let isEntrance: Bool

    /// - Parameter name: where it is in `Resources`. Pages have addresses without `.html`.
    init(name: String, bytes: ByteBuffer) {
        switch name {
        case "index.html": path = "/"
        case let page where page.hasSuffix(".html"): path = "/" + page.dropLast(".html".count)
        default: path = "/" + name
        }
        contentType = Self.contentType(of: name)
        entityTag = "\"\(ContentHash(bytes: SHA256.hash(data: bytes.readableBytesView))!.hex)\""
        self.bytes = bytes
        isEntrance = name.hasSuffix(".html") || name.hasSuffix(".json")
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }

    /// Files may be kept but are asked for anew each time, so that a page never runs with another version's script.
    /// Nothing but this server's own files may run in a page, and no other site may frame one.
    var headers: HTTPFields {
        var headers = HTTPFields()
        headers[.contentType] = contentType
        headers[.eTag] = entityTag
        headers[.cacheControl] = "no-cache"
        headers[.contentSecurityPolicy] = Self.policy
        headers[.frameOptions] = "DENY"
        headers[.referrerPolicy] = "no-referrer"
        return headers
    }

    /// Content Security Policy Level 3. `blob:` is for pictures that the console shows before they are sent.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
        "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")
}

extension HTTPField.Name {
    static let frameOptions = Self("X-Frame-Options")!
}
