import Domain
import Logging

/// What the service does with images, free of HTTP: upload, fetch, list, search, delete.
///
/// Every method acts for one account, and an image of another account does not exist for it.
public final class ImageLibrary: Sendable {
    let catalog: any Catalog
    let blobs: any BlobStore
    let reader: any ImageReading
    let index: any VectorIndex
    let encoder: any ImageTextEncoder
    let identifiers: IdentifierGenerator
    let clock: any TimeSource
    let backlog: IndexingBacklog
    let logger: Logger
    let renditions: any RenditionCache
    let blobLocks = KeyedLock<ContentHash>()
    let renditionLocks = KeyedLock<RenditionKey>()
    let metadataLocks = KeyedLock<ImageID>()

    /// - Parameter renditions: where smaller copies are kept; nil computes each anew.
    public init(
        catalog: any Catalog, blobs: any BlobStore, reader: any ImageReading, index: any VectorIndex,
        encoder: any ImageTextEncoder, identifiers: IdentifierGenerator, clock: any TimeSource,
        backlog: IndexingBacklog, logger: Logger, renditions: (any RenditionCache)? = nil
    ) {
        self.catalog = catalog
        self.blobs = blobs
        self.reader = reader
        self.index = index
        self.encoder = encoder
        self.identifiers = identifiers
        self.clock = clock
        self.backlog = backlog
        self.logger = logger
        self.renditions = renditions ?? NoRenditionCache()
    }

    /// The model that indexes and answers.
    public var model: ModelDescription { encoder.model }

    /// One image, or nil when the account has none of that id.
    public func image(_ id: ImageID, account: AccountID) async throws -> Image? {
        try await catalog.image(id, account: account)
    }

    /// One image whoever's it is: for a URL whose signature has already been checked.
    public func signedImage(_ id: ImageID) async throws -> Image? { try await catalog.image(id) }

    /// One page of the account's images.
    public func images(_ query: ImageQuery, account: AccountID) async throws -> ImagePage {
        try await catalog.images(query, account: account)
    }

    /// The bytes of an image, or of a part of it.
    public func content(
        of image: Image, range: Range<Int64>? = nil
    ) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        try await blobs.read(image.contentHash, range: range)
    }

    /// Indexes an image (again). Nil when there is no such image.
    public func reindex(_ id: ImageID, account: AccountID) async throws -> Image? {
        let image = try await catalog.queueIndexing(of: id, account: account, model: model.id, at: clock.now)
        backlog.wake()
        return image
    }

    /// Takes an image out of the index. Nil when there is no such image.
    public func unindex(_ id: ImageID, account: AccountID) async throws -> Image? {
        guard let image = try await catalog.withdrawFromIndex(id, account: account) else { return nil }
        try await index.remove([image.row], account: account)
        return image
    }

    /// Stores can be reached and written to.
    public func checkStores() async throws {
        try await catalog.check()
        try await blobs.check()
    }

    /// Images by status over all accounts, for metrics.
    public func imageCounts() async throws -> [IndexingStatus: Int] { try await catalog.imageCounts() }

    /// Indexing work that waits and is under way, as last counted.
    public var backlogCounts: JobCounts { backlog.counts }

    /// Vectors that a search can find, over all accounts.
    public var searchableCount: Int { index.count }
}
