import BlobsFile
import CatalogSQLite
import Domain
import Foundation
import HTTPAPI
import Imaging
import Indexing
import Inference
import Library
import Logging
import ServiceLifecycle
import VectorSearch

extension Imago {
    /// Runs a server until it is told to stop (SIGTERM or SIGINT) and has finished what was under way. Once it listens, it
    /// prints its address, the first key and commands to try on standard output.
    /// - Throws: `StartError` where it can't start.
    public static func serve(_ configuration: ServerConfiguration) async throws {
        try await Server(configuration).run()
    }
}

/// One embedded server with all its parts, put together in the order they need each other:
/// stores, model, index, library, indexing, HTTP.
struct Server {
    let configuration: ServerConfiguration
    let logger: Logger
    let lock: DataDirectoryLock
    let catalog: SQLiteCatalog
    let library: ImageLibrary
    let keyRing: KeyRing
    let signer: ContentSigner
    let indexStore: VectorIndexStore
    let indexing: IndexingService
    let clock: any TimeSource
    let metrics: HTTPMetrics

    init(_ configuration: ServerConfiguration) async throws {
        self.configuration = configuration
        var logger = Logger(label: "imago") { _ in
            ConsoleLogHandler(level: configuration.logLevel, format: configuration.logFormat)
        }
        logger.logLevel = configuration.logLevel
        self.logger = logger
        let clock = SystemClock()
        self.clock = clock

        let data = try DataDirectory(path: configuration.dataDirectory)
        lock = try data.lock()
        logger.info("imago starts", metadata: ["version": "\(Imago.version)", "data": "\(data.path)"])
        catalog = try Imago.openCatalog(data, maximumAttempts: configuration.maximumAttempts)
        let blobs = try Self.openContent(data)
        let reader = try Self.startDecoder(configuration)
        let encoder = try await Self.loadModel(configuration, data, logger)
        try await Self.recover(catalog, blobs, model: encoder.model.id, at: clock.now, logger)
        indexStore = try await VectorIndexStore(
            folder: data.index, model: encoder.model.id, dimension: encoder.model.embeddingDimension, catalog: catalog)
        logger.info(
            "vector index ready", metadata: ["vectors": "\(indexStore.index.count)", "from": "\(indexStore.origin)"])

        let identifiers = IdentifierGenerator(clock: clock)
        let backlog = IndexingBacklog(highWaterMark: configuration.maximumQueued)
        backlog.counts = try await catalog.jobCounts(at: clock.now)
        library = ImageLibrary(
            catalog: catalog, blobs: blobs, reader: reader, index: indexStore.index, encoder: encoder,
            identifiers: identifiers, clock: clock, backlog: backlog, logger: logger,
            renditions: try FileRenditionCache(
                folder: data.renditions, maximumBytes: Int(configuration.maximumRenditionBytes)))
        keyRing = KeyRing(catalog: catalog, identifiers: identifiers, clock: clock)
        signer = ContentSigner(
            secret: try await catalog.setting("content-secret", default: ContentSigner.makeSecret()),
            lifetime: configuration.urlLifetime, clock: clock)
        metrics = HTTPMetrics()
        indexing = IndexingService(
            catalog: catalog, blobs: blobs, reader: reader, encoder: encoder, index: indexStore.index,
            backlog: backlog, clock: clock, configuration: configuration.indexing,
            workerName: "\(ProcessInfo.processInfo.processIdentifier)", logger: logger, observer: metrics)
        backlog.wake()
    }

    /// Serves until a signal, then stops HTTP, indexing and index in this order, each finishing what it has begun.
    func run() async throws {
        let firstKey = try await makeFirstKey()
        let greeting = Greeting(configuration: configuration, key: firstKey)
        let application = buildApplication(
            services: HTTPAPIServices(
                library: library, keyRing: keyRing, signer: signer, clock: clock, logger: logger, metrics: metrics),
            configuration: configuration.http, host: configuration.host, port: configuration.port,
            onServerRunning: { port in
                logger.info("ready", metadata: ["url": "\(greeting.url(port: port))"])
                greeting.print(port: port)
            })
        var group = ServiceGroupConfiguration(
            services: [
                .init(
                    service: IndexKeeper(store: indexStore, interval: configuration.snapshotInterval, logger: logger)),
                .init(service: Janitor(catalog: catalog, library: library, clock: clock, logger: logger)),
                .init(service: indexing),
                .init(service: application),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = Duration.seconds(configuration.shutdownTimeout)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw Self.startError(error, configuration)
        }
        try catalog.close()
        logger.info("imago stopped")
    }

    /// The group of services speaks of services; its lines are for debugging.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(configuration.logLevel, .warning)
        return logger
    }

    private func makeFirstKey() async throws -> String? {
        guard configuration.makesFirstKey, try await catalog.apiKeys(of: nil).isEmpty else { return nil }
        return try await keyRing.create(accountName: "default").text
    }

    private static func openContent(_ data: DataDirectory) throws -> FileBlobStore {
        do {
            return try FileBlobStore(folder: data.content)
        } catch {
            throw StartError("the folder for image files, \(data.content), can't be used: \(error)")
        }
    }

    private static func startDecoder(_ configuration: ServerConfiguration) throws -> VipsImageReader {
        do {
            return try VipsImageReader(limits: configuration.imagingLimits)
        } catch {
            throw StartError("the image decoder can't start: \(error.message)")
        }
    }

    private static func loadModel(
        _ configuration: ServerConfiguration, _ data: DataDirectory, _ logger: Logger
    ) async throws -> OpenVINOEncoder {
        let folder = try configuration.modelFolder
        do {
            let start = ContinuousClock.now
            let encoder = try await OpenVINOEncoder(
                folder: folder, options: configuration.encoderOptions(cache: data.modelCache))
            try await encoder.warmUp()
            logger.info(
                "model ready",
                metadata: [
                    "model": "\(encoder.model.id)", "precision": "\(encoder.precisionName)",
                    "seconds": "\((ContinuousClock.now - start) / .seconds(1))",
                ])
            return encoder
        } catch {
            throw StartError("the model in \(folder) can't be loaded: \(error)")
        }
    }

    /// Puts right what an earlier process left in the middle, and queues what an earlier model indexed.
    private static func recover(
        _ catalog: SQLiteCatalog, _ blobs: FileBlobStore, model: ModelID, at now: Timestamp, _ logger: Logger
    ) async throws {
        let released = try await catalog.releaseAllClaims()
        let swept = try await blobs.sweepTemporaries()
        if released + swept > 0 {
            logger.notice(
                "an earlier run was cut off; its work is taken up again",
                metadata: ["jobs": "\(released)", "temporary-files": "\(swept)"])
        }
        let stranded = try await catalog.queueStranded(model: model, at: now)
        if stranded > 0 {
            logger.notice("images without a vector of this model are queued", metadata: ["images": "\(stranded)"])
        }
    }

    private static func startError(_ error: any Error, _ configuration: ServerConfiguration) -> any Error {
        if "\(error)".contains("EADDRINUSE") || "\(error)".contains("Address already in use") {
            return StartError(
                "port \(configuration.port) of \(configuration.host) is taken; stop what uses it or choose another --port"
            )
        }
        return error
    }
}
