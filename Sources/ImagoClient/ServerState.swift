import Domain

/// How a server is: whether it runs, whether it is ready, which version it is.
public struct ServerState: Sendable {
    public let isReady: Bool
    /// What `/readyz` said.
    public let readiness: JSONValue?
    /// Why it is not ready.
    public let message: String?
    /// From the server's API description.
    public let version: String?
}

extension ImagoClient {
    /// Asks the routes that need no key.
    /// - Throws: `ClientError` when no server answers.
    public func serverState() async throws -> ServerState {
        _ = try await transport.send(Request(.GET, "/healthz"))
        let description = try? await transport.send(Request(.GET, "/openapi.json")).json()
        let version = description?["info"]?["version"]?.string
        var once = transport
        once.configuration.retry = .none
        do {
            let answer = try await once.send(Request(.GET, "/readyz"))
            return ServerState(
                isReady: true, readiness: try? JSONValue(parsing: answer.body), message: nil, version: version)
        } catch let error as ClientError where error.kind == .unavailable {
            return ServerState(isReady: false, readiness: nil, message: error.message, version: version)
        }
    }
}
