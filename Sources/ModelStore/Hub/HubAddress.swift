import Foundation

/// Where models are fetched from, and as whom.
public struct HubAddress: Sendable {
    public static let standard = "https://huggingface.co"

    /// Without a slash at its end.
    public let endpoint: String
    /// Sent to the endpoint alone, never to where it redirects.
    let token: String?

    /// - Throws: `hubFailed` when the text is no address.
    public init(endpoint: String = HubAddress.standard, token: String? = nil) throws(ModelStoreError) {
        var text = endpoint
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URL(string: text), Self.origin(of: url) != nil else {
            throw ModelStoreError(.hubFailed, "\"\(endpoint)\" is no address such as \(Self.standard)")
        }
        self.endpoint = text
        self.token = token.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `HF_ENDPOINT` and `HF_TOKEN`; what is set to nothing counts as not set.
    public init(environment: [String: String]) throws(ModelStoreError) {
        let endpoint = environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
        try self.init(endpoint: endpoint ?? Self.standard, token: environment["HF_TOKEN"])
    }

    /// A file's address: `ENDPOINT/REPOSITORY/resolve/REVISION/PATH`.
    func url(repository: String, revision: String = "main", path: String) -> String {
        "\(endpoint)/\(repository)/resolve/\(revision)/\(path)"
    }

    /// Whether a request there may carry the token.
    func isOwn(_ url: URL) -> Bool {
        URL(string: endpoint).flatMap(Self.origin) == Self.origin(of: url)
    }

    /// Scheme, host and port; nil for what is not fetched over HTTP.
    static func origin(of url: URL) -> String? {
        guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = url.host,
            !host.isEmpty
        else { return nil }
        return "\(scheme)://\(host.lowercased()):\(url.port ?? (scheme == "https" ? 443 : 80))"
    }
}
