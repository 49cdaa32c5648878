/// Turns keys into the paths and URLs of a bucket.
struct S3Address: Sendable, Hashable {
    /// Scheme, host and port.
    private let origin: String
    /// As the client sends it and signs it.
    let host: String
    private let bucketPath: String

    init(_ location: S3Location, endpoint: S3Endpoint) {
        let host = location.style == .virtual ? "\(location.bucket).\(endpoint.host)" : endpoint.host
        let place = S3Endpoint(isSecure: endpoint.isSecure, host: host, port: endpoint.port)
        origin = place.description
        self.host = host + (place.port.map { ":\($0)" } ?? "")
        bucketPath = location.style == .virtual ? "" : "/\(location.bucket)"
    }

    /// Before encoding.
    /// - Parameter key: nil for the bucket itself.
    func path(_ key: String?) -> String {
        guard let key else { return bucketPath.isEmpty ? "/" : bucketPath }
        return "\(bucketPath)/\(key)"
    }

    /// - Parameter query: encoded.
    func url(path: String, query: String) -> String {
        origin + PercentEncoding.encode(path, keepingSlashes: true) + (query.isEmpty ? "" : "?\(query)")
    }
}
