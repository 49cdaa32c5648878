import Domain

extension S3BlobStore {
    /// A URL from which anyone can GET a blob until it expires, straight from the store.
    ///
    /// It is signed as of the full hour before, so that a browser's cache sees the same URL for a while. Temporary
    /// credentials end it early when they end.
    /// - Parameters:
    ///   - lifetime: seconds that it works for at least; a week less an hour at most.
    ///   - contentType: of the answer, for instance `image/png`.
    ///   - disposition: of the answer (RFC 6266), for instance `inline; filename="a.png"`.
    /// - Throws: `BlobError.unavailable` when there are no credentials.
    public func signedURL(
        for hash: ContentHash, lifetime: Double, contentType: String? = nil, disposition: String? = nil
    ) async throws -> String {
        let credentials = try await mapped(hash) { try await client.credentials.current() }
        let signedAt = (client.clock.now / 3600).rounded(.down) * 3600
        let seconds = Int(min(max(1, lifetime), Double(RequestSigner.longestLifetime - 3600)).rounded(.up)) + 3600
        let path = publicAddress.path(key(of: hash))
        var query: [Field] = []
        if let contentType { query.append(Field("response-content-type", contentType)) }
        if let disposition { query.append(Field("response-content-disposition", disposition)) }
        let signed = RequestSigner(credentials: credentials, region: client.region).signedQuery(
            method: "GET", host: publicAddress.host, path: path, query: query, lifetime: seconds, at: signedAt)
        return publicAddress.url(path: path, query: signed)
    }
}
