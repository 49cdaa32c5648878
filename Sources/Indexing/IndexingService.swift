import Domain
import Library
import Logging
import ServiceLifecycle

/// The pipeline from stored bytes to a searchable vector, run in the background:
///
///     claim -> decode -> embed -> store and index
///
/// The stages are joined by bounded queues, so decoding and inference overlap and memory stays flat. A stop claims no
/// more, lets what is under way finish and gives the rest back; after a kill the leases run out, or the next start of
/// the process that owns the catalog releases them.
public struct IndexingService: Service {
    let catalog: any Catalog
    let blobs: any BlobStore
    let reader: any ImageReading
    let encoder: any ImageTextEncoder
    let index: any VectorIndex
    let backlog: IndexingBacklog
    let clock: any TimeSource
    let configuration: IndexingConfiguration
    let workerName: String
    let logger: Logger
    let observer: any IndexingObserver

    public init(
        catalog: any Catalog, blobs: any BlobStore, reader: any ImageReading, encoder: any ImageTextEncoder,
        index: any VectorIndex, backlog: IndexingBacklog, clock: any TimeSource,
        configuration: IndexingConfiguration, workerName: String, logger: Logger,
        observer: any IndexingObserver = SilentObserver()
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.reader = reader
        self.encoder = encoder
        self.index = index
        self.backlog = backlog
        self.clock = clock
        self.configuration = configuration
        self.workerName = workerName
        self.logger = logger
        self.observer = observer
    }

    public func run() async throws {
        let pipeline = Pipeline(service: self)
        await withGracefulShutdownHandler {
            // Decoders and model let everything else go first.
            await Urgency.$current.withValue(.background) { await pipeline.run() }
        } onGracefulShutdown: {
            pipeline.stop()
        }
    }
}

/// Hears of each image that left the pipeline; for metrics.
public protocol IndexingObserver: Sendable {
    func finished(_ outcome: JobOutcome)
}

/// Hears nothing.
public struct SilentObserver: IndexingObserver {
    public init() {}
    public func finished(_ outcome: JobOutcome) {}
}
