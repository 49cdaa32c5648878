import AsyncHTTPClient
import Domain
import NIOCore

/// Talks to an Imago server over HTTP. Every call throws `ClientError`, or `CancellationError`.
public struct ImagoClient: Sendable {
    let transport: Transport
    public var configuration: ClientConfiguration { transport.configuration }

    private init(http: HTTPClient, configuration: ClientConfiguration) {
        transport = Transport(http: http, configuration: configuration)
    }

    /// Runs `body` with a client whose connections are closed when it returns.
    /// - Parameter connections: how many requests may be under way at once.
    public static func with<Value>(
        _ configuration: ClientConfiguration, connections: Int = 8,
        _ body: (ImagoClient) async throws -> Value
    ) async throws -> Value {
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .milliseconds(Int64(configuration.connectTimeout * 1000))
        settings.timeout.read = .milliseconds(Int64(configuration.readTimeout * 1000))
        settings.timeout.write = .milliseconds(Int64(configuration.readTimeout * 1000))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Whether "connection refused" is tried again is the retry policy's business.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        do {
            let value = try await body(ImagoClient(http: http, configuration: configuration))
            try await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }
}
