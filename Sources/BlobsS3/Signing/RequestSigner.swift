import Crypto
import Domain

/// Signs requests and URLs with AWS Signature Version 4. Pure: the time comes in.
struct RequestSigner: Sendable {
    let credentials: AWSCredentials
    let region: String
    var service = "s3"

    static let algorithm = "AWS4-HMAC-SHA256"
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// The longest a signed URL may work, in seconds.
    static let longestLifetime = 604_800

    /// The headers of a request once it is signed: those given and the date, the payload's hash, the session's token
    /// where there is one, and `authorization`.
    /// - Parameter headers: `host` must be among them. All of them are signed.
    func signedHeaders(
        method: String, path: String, query: [Field], headers: [Field], payloadHash: String, at timestamp: Timestamp
    ) -> [Field] {
        let time = SigningTime(timestamp)
        var headers = headers
        headers.append(Field("x-amz-content-sha256", payloadHash))
        headers.append(Field("x-amz-date", time.text))
        if let token = credentials.sessionToken { headers.append(Field("x-amz-security-token", token)) }
        let canonical = CanonicalRequest(
            method: method, path: path, query: query, headers: headers, payloadHash: payloadHash)
        headers.append(Field("authorization", authorization(of: canonical, at: time)))
        return headers
    }

    /// The whole query of a URL that works without a header until it expires.
    /// - Parameters:
    ///   - host: as the client will send it, with the port unless it is the scheme's own.
    ///   - lifetime: seconds from `timestamp`, 1 to `longestLifetime`.
    func signedQuery(
        method: String, host: String, path: String, query: [Field], lifetime: Int, at timestamp: Timestamp
    ) -> String {
        let time = SigningTime(timestamp)
        var query = query
        query.append(Field("X-Amz-Algorithm", Self.algorithm))
        query.append(Field("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(time))"))
        query.append(Field("X-Amz-Date", time.text))
        query.append(Field("X-Amz-Expires", String(lifetime)))
        query.append(Field("X-Amz-SignedHeaders", "host"))
        if let token = credentials.sessionToken { query.append(Field("X-Amz-Security-Token", token)) }
        let canonical = CanonicalRequest(
            method: method, path: path, query: query, headers: [Field("host", host)],
            payloadHash: Self.unsignedPayload)
        return "\(CanonicalRequest.queryText(query))&X-Amz-Signature=\(signature(of: canonical, at: time))"
    }

    func authorization(of canonical: CanonicalRequest, at time: SigningTime) -> String {
        "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(time)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature(of: canonical, at: time))"
    }

    func signature(of canonical: CanonicalRequest, at time: SigningTime) -> String {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for step in [time.day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        let text = "\(Self.algorithm)\n\(time.text)\n\(scope(time))\n\(canonical.hash)"
        return ContentHash(bytes: HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))!.hex
    }

    private func scope(_ time: SigningTime) -> String { "\(time.day)/\(region)/\(service)/aws4_request" }
}
