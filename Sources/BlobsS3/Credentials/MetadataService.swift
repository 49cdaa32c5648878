import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1

/// A small HTTP service beside the process that hands out temporary credentials.
struct MetadataService: Sendable {
    let http: HTTPClient
    /// Seconds for one answer: the service is near, or not there.
    var timeout = 2.0

    private static let largestAnswer = 64 << 10

    /// The body of a 200 answer.
    /// - Throws: `CredentialsError` that names the place, never the body; `CancellationError`.
    func text(_ method: HTTPMethod, _ url: String, headers: [Field], from place: String) async throws -> String {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        do {
            return try await withDeadline(timeout) { [http, request] in
                let response = try await http.execute(request, deadline: .distantFuture)
                guard response.status == .ok else {
                    throw CredentialsError("\(place) answered with status \(response.status.code)")
                }
                return String(buffer: try await response.body.collect(upTo: Self.largestAnswer))
            }
        } catch let error as CredentialsError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw CredentialsError("\(place) can't be reached")
        }
    }

    /// The credentials in an answer of a container's or an instance's service.
    static func credentials(in text: String, from place: String) throws -> AWSCredentials {
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let key = json["AccessKeyId"]?.string,
            let secret = json["SecretAccessKey"]?.string, !key.isEmpty, !secret.isEmpty
        else { throw CredentialsError("\(place) gave no credentials") }
        var expiration: Timestamp?
        if let text = json["Expiration"]?.string {
            guard let time = RFC3339.timestamp(text) else {
                throw CredentialsError("\(place) gave credentials whose end is no time")
            }
            expiration = time
        }
        return AWSCredentials(
            accessKeyID: key, secretAccessKey: secret, sessionToken: json["Token"]?.string, expiration: expiration)
    }
}
