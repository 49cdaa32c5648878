import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Library
import NIOCore

/// Every route with its middleware.
func buildRouter(
    services: HTTPAPIServices, configuration: HTTPAPIConfiguration
) -> Router<APIContext> {
    Routing(services: services, configuration: configuration).router
}

/// The server as a service: it listens when it runs, and stops listening on a graceful shutdown, which ends when the
/// requests under way are answered.
/// - Parameters:
///   - port: 0 for any that is free.
///   - onServerRunning: told the port once it listens.
public func buildApplication(
    services: HTTPAPIServices, configuration: HTTPAPIConfiguration, host: String, port: Int,
    onServerRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) -> some ApplicationProtocol {
    // Hummingbird's own lines are about connections; the access log is ours.
    var logger = services.logger
    logger.logLevel = max(logger.logLevel, .notice)
    return Application(
        router: buildRouter(services: services, configuration: configuration),
        server: .http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .milliseconds(Int64(configuration.idleTimeout * 1000)))),
        configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
        onServerRunning: { channel in await onServerRunning(channel.localAddress?.port ?? port) },
        logger: logger)
}
