import Domain
import Library
import Logging

/// What the HTTP interface works with.
public struct HTTPAPIServices: Sendable {
    public let library: ImageLibrary
    public let keyRing: KeyRing
    public let signer: ContentSigner
    public let clock: any TimeSource
    public let logger: Logger
    public let metrics: HTTPMetrics
    /// Throws while the server should get no requests.
    let readiness: @Sendable () async throws -> Void

    /// - Parameter readiness: what `/readyz` asks besides the stores.
    public init(
        library: ImageLibrary, keyRing: KeyRing, signer: ContentSigner, clock: any TimeSource, logger: Logger,
        metrics: HTTPMetrics = HTTPMetrics(), readiness: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.library = library
        self.keyRing = keyRing
        self.signer = signer
        self.clock = clock
        self.logger = logger
        self.metrics = metrics
        self.readiness = readiness
    }
}
