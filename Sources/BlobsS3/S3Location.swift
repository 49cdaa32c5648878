/// Where blobs live in an S3-compatible store, written as a URL:
/// `s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1&style=path`.
///
/// Everything but the bucket is optional:
/// - `prefix`: what every key begins with; a slash is put after it.
/// - `endpoint`: where the store listens; without it, Amazon S3 in the region.
/// - `public`: where browsers reach the store, when that is somewhere else; signed URLs point there.
/// - `region`: by default `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, and `us-east-1` for an endpoint.
/// - `style`: `path` (`host/bucket/key`) or `virtual` (`bucket.host/key`); by default `path` with an endpoint.
/// - `profile`: take credentials from that profile of the AWS files and from nowhere else.
public struct S3Location: Sendable, Hashable, CustomStringConvertible {
    /// How a request names its bucket.
    public enum Style: String, Sendable, Hashable, CaseIterable {
        case path
        case virtual
    }

    public let bucket: String
    /// Empty, or ends with a slash.
    public let prefix: String
    public let endpoint: S3Endpoint?
    public let publicEndpoint: S3Endpoint?
    public let region: String?
    public let style: Style
    public let profile: String?

    /// Names the parameters and holds no secret.
    public var description: String {
        var query: [String] = []
        if let endpoint { query.append("endpoint=\(endpoint)") }
        if let publicEndpoint { query.append("public=\(publicEndpoint)") }
        if let region { query.append("region=\(region)") }
        if let profile { query.append("profile=\(PercentEncoding.encode(profile))") }
        query.append("style=\(style.rawValue)")
        let path = PercentEncoding.encode(String(prefix.dropLast()), keepingSlashes: true)
        return "s3://\(bucket)\(path.isEmpty ? "" : "/\(path)")?\(query.joined(separator: "&"))"
    }

    /// - Throws: `S3LocationError` that says what is wrong and how it should be.
    public init(_ text: String) throws(S3LocationError) {
        guard text.hasPrefix("s3://") else {
            throw S3LocationError("a store's URL begins with s3://, for instance s3://bucket/prefix")
        }
        guard !text.contains("#") else { throw S3LocationError("a store's URL has no fragment (#)") }
        let rest = text.dropFirst("s3://".count)
        let place = rest.prefix { $0 != "?" }
        let bucket = place.prefix { $0 != "/" }
        guard !bucket.contains("@") else {
            throw S3LocationError(
                "credentials don't belong in a store's URL; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead")
        }
        guard Self.isBucket(bucket) else {
            throw S3LocationError(
                "'\(bucket)' is no name of a bucket: 3 to 63 letters, digits, dots, hyphens and underscores")
        }
        self.bucket = String(bucket)
        prefix = try Self.prefix(place.dropFirst(bucket.count + 1))
        let parameters = try Self.parameters(rest.dropFirst(place.count + 1))
        endpoint = try Self.endpoint("endpoint", parameters)
        publicEndpoint = try Self.endpoint("public", parameters)
        region = parameters["region"]
        if let region { try Self.checkRegion(region) }
        profile = parameters["profile"]
        if let name = parameters["style"] {
            guard let style = Style(rawValue: name) else {
                throw S3LocationError("'style' is '\(name)'; it can be path or virtual")
            }
            self.style = style
        } else {
            // A dotted name under a domain is not covered by the domain's certificate.
            style = endpoint != nil || !Self.isHostLabel(self.bucket) ? .path : .virtual
        }
        guard style == .path || Self.isHostLabel(self.bucket) else {
            throw S3LocationError(
                "style=virtual needs a bucket whose name is lower-case letters, digits and hyphens; use style=path")
        }
    }

    static func checkRegion(_ region: String) throws(S3LocationError) {
        guard (1...64).contains(region.utf8.count),
            region.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
        else { throw S3LocationError("'\(region)' is no name of a region; one looks like us-east-1") }
    }

    private static func isBucket(_ name: Substring) -> Bool {
        (3...63).contains(name.utf8.count) && !name.contains("..")
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
            && name.first.map { $0.isLetter || $0.isNumber } == true
    }

    private static func isHostLabel(_ name: String) -> Bool {
        name.allSatisfy { $0.isNumber || $0 == "-" || ($0.isLetter && $0.isLowercase) } && !name.hasSuffix("-")
    }

    private static func prefix(_ encoded: Substring) throws(S3LocationError) -> String {
        guard var prefix = PercentEncoding.decode(encoded) else {
            throw S3LocationError("the path in a store's URL is not percent-encoded UTF-8")
        }
        if prefix.hasSuffix("/") { prefix.removeLast() }
        guard !prefix.isEmpty else { return "" }
        // A client or proxy on the way may "tidy up" such paths, and then no signature fits.
        let segments = prefix.split(separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw S3LocationError("the path in a store's URL has an empty part, '.' or '..'")
        }
        guard prefix.utf8.count <= 512, !prefix.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
        else { throw S3LocationError("the path in a store's URL is longer than 512 bytes or has control characters") }
        return prefix + "/"
    }

    private static func parameters(_ query: Substring) throws(S3LocationError) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let name = String(pair.prefix { $0 != "=" })
            guard ["endpoint", "public", "region", "style", "profile"].contains(name) else {
                throw S3LocationError(
                    "a store's URL has no parameter '\(name)'; there are endpoint, public, region, style and profile")
            }
            guard let value = PercentEncoding.decode(pair.dropFirst(name.count + 1)), !value.isEmpty else {
                throw S3LocationError("'\(name)' in a store's URL has no value")
            }
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw S3LocationError("'\(name)' stands twice in a store's URL")
            }
        }
        return parameters
    }

    private static func endpoint(
        _ name: String, _ parameters: [String: String]
    ) throws(S3LocationError) -> S3Endpoint? {
        guard let text = parameters[name] else { return nil }
        guard let endpoint = S3Endpoint(text) else {
            throw S3LocationError("'\(name)' is '\(text)'; one looks like http://127.0.0.1:9000, without a path")
        }
        return endpoint
    }
}

/// What is wrong with a store's URL, in one sentence.
public struct S3LocationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
