import Domain
import HTTPTypes
import Hummingbird
import Library

/// Lets a request through when it comes with a valid API key, or, on the content route, with a valid signature.
struct Authentication: RouterMiddleware {
    let keyRing: KeyRing
    /// Nil where a signature counts for nothing.
    var signer: ContentSigner?

    static let missingKey = APIError(
        .unauthorized, .authentication, code: "missing_api_key",
        "send an API key as X-Api-Key or as Authorization: Bearer")
    static let invalidKey = APIError(
        .unauthorized, .authentication, code: "invalid_api_key", "the API key is unknown, revoked or expired")

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if let text = Self.key(request.headers) {
            guard let key = try await keyRing.authenticate(text) else { throw Self.challenge(Self.invalidKey) }
            context.record.key = key
        } else if let signer {
            try Self.checkSignature(request, context, signer)
        } else {
            throw Self.challenge(Self.missingKey)
        }
        return try await next(request, context)
    }

    private static func key(_ headers: HTTPFields) -> String? {
        if let key = headers[.apiKey] { return key }
        guard let value = headers[.authorization] else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2 else { return nil }
        switch words[0].lowercased() {
        case "bearer": return String(words[1])
        case "basic": return basicUser(String(words[1]))
        default: return nil
        }
    }

    /// A key given as the user of a URL, `http://KEY:@host`, which clients send as Basic authentication (RFC 7617): so a
    /// program that sets no header needs no change but to its base URL.
    private static func basicUser(_ credentials: String) -> String? {
        guard let bytes = Base64.decode(credentials.utf8), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let user = text.prefix { $0 != ":" }
        return user.isEmpty ? nil : String(user)
    }

    private static func checkSignature(
        _ request: Request, _ context: APIContext, _ signer: ContentSigner
    ) throws(APIError) {
        let query = QueryString(request.uri)
        guard let expires = try query.single("expires"), let signature = try query.single("signature") else {
            throw challenge(missingKey)
        }
        guard signer.accepts(id: try context.imageID, expires: expires, signature: signature) else {
            throw APIError(
                .unauthorized, .authentication, code: "invalid_signature",
                "the URL's signature is not valid or has expired; get the image again for a new URL")
        }
    }

    /// With the header that a 401 has to have (RFC 9110 section 11.6.1).
    private static func challenge(_ error: APIError) -> APIError {
        var error = error
        error.headers[.wwwAuthenticate] = "Bearer realm=\"imago\""
        return error
    }
}

extension HTTPField.Name {
    static let apiKey = Self("X-Api-Key")!
    static let requestID = Self("X-Request-ID")!
    static let idempotencyKey = Self("Idempotency-Key")!
    static let contentTypeOptions = Self("X-Content-Type-Options")!
    static let referrerPolicy = Self("Referrer-Policy")!
}
