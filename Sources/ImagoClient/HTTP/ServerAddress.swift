import Foundation

/// Where a server listens: scheme, host, port and, behind a proxy, a path.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// What a server listens on unless told otherwise.
    public static let standard = ServerAddress(verified: "http://127.0.0.1:8080")

    /// The address without a slash at its end, for instance `https://photos.example/imago`.
    public let text: String

    private init(verified text: String) { self.text = text }

    /// Reads `http://host:port/path`, or `host:port`, which means http.
    /// - Throws: `ClientError` of kind `.badAddress` when it is no such address.
    public init(_ text: String) throws(ClientError) {
        var address = text.trimmingCharacters(in: .whitespaces)
        if !address.contains("://") { address = "http://" + address }
        while address.hasSuffix("/") { address.removeLast() }
        guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), parts.query == nil,
            parts.fragment == nil, parts.user == nil
        else {
            throw ClientError(
                .badAddress, "'\(text)' is no server address; one looks like http://127.0.0.1:8080")
        }
        self.text = address
    }

    public var description: String { text }

    /// The address of a route, with names and values of the query percent-encoded.
    func url(_ path: String, query: [QueryItem] = []) -> String {
        guard !query.isEmpty else { return text + path }
        return text + path + "?"
            + query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}

/// One parameter of a query string, as it is before encoding.
public struct QueryItem: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension String {
    /// Everything but the unreserved characters of RFC 3986 section 2.3 as `%XX`.
    var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += byte < 16 ? "%0" : "%"
                text += String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
