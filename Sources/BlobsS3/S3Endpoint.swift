/// Where a store listens, for instance `http://127.0.0.1:9000`.
public struct S3Endpoint: Sendable, Hashable, CustomStringConvertible {
    public let isSecure: Bool
    /// A name or an address; one of IPv6 stands in brackets.
    public let host: String
    /// Nil for the scheme's own.
    public let port: Int?

    init(isSecure: Bool, host: String, port: Int?) {
        self.isSecure = isSecure
        self.host = host
        self.port = port == (isSecure ? 443 : 80) ? nil : port
    }

    /// Reads `http://host:port` or `https://host:port`, the port being optional.
    init?(_ text: some StringProtocol) {
        let isSecure = text.lowercased().hasPrefix("https://")
        guard isSecure || text.lowercased().hasPrefix("http://") else { return nil }
        var authority = text.dropFirst(isSecure ? 8 : 7)
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        let host: Substring
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = Substring(authority[...close])
            guard host.dropFirst().dropLast().allSatisfy({ $0.isASCII && ($0.isHexDigit || ":.".contains($0)) }) else {
                return nil
            }
            authority = authority[authority.index(after: close)...]
        } else {
            host = Substring(authority.prefix { $0 != ":" })
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }) else {
                return nil
            }
            authority = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { return nil }
        guard !authority.isEmpty else {
            self.init(isSecure: isSecure, host: host.lowercased(), port: nil)
            return
        }
        guard authority.hasPrefix(":"), let port = UInt16(authority.dropFirst()), port > 0 else { return nil }
        self.init(isSecure: isSecure, host: host.lowercased(), port: Int(port))
    }

    /// Amazon's own of a region.
    static func amazon(region: String) -> S3Endpoint {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return S3Endpoint(isSecure: true, host: "s3.\(region).\(domain)", port: nil)
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(host)\(port.map { ":\($0)" } ?? "")" }
}
