import Domain

/// A name and a value: of a header, or of a parameter in a query.
struct Field: Sendable, Hashable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request in the one form that client and store both hash ("Authenticating Requests: AWS Signature Version 4",
/// Amazon S3 API reference). A path is taken as it is, neither normalised nor encoded twice, as S3 wants it.
struct CanonicalRequest: Sendable, Hashable {
    let text: String
    /// Names of the headers that count, for instance `host;x-amz-date`.
    let signedHeaders: String

    /// - Parameters:
    ///   - path: before encoding.
    ///   - query: before encoding, in any order.
    ///   - headers: in any order and any case; `host` must be among them.
    ///   - payloadHash: SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`.
    init(method: String, path: String, query: [Field], headers: [Field], payloadHash: String) {
        var values: [String: String] = [:]
        for header in headers {
            let name = header.name.lowercased()
            let value = Self.folded(header.value)
            values[name] = values[name].map { "\($0),\(value)" } ?? value
        }
        let names = values.keys.sorted()
        signedHeaders = names.joined(separator: ";")
        text = """
            \(method)
            \(PercentEncoding.encode(path, keepingSlashes: true))
            \(Self.queryText(query))
            \(names.map { "\($0):\(values[$0]!)\n" }.joined())
            \(signedHeaders)
            \(payloadHash)
            """
    }

    var hash: String { ContentHash(sha256Of: Array(text.utf8)).hex }

    /// The query as it is signed, and sent: encoded, then sorted by name and value.
    static func queryText(_ query: [Field]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// Without blanks at the ends, and runs of blanks as one.
    private static func folded(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" }.joined(separator: " ")
    }
}
