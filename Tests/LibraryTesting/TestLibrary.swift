import BlobsFile
import CatalogSQLite
import Domain
import Imaging
import Library
import Logging
import VectorSearch

/// A library of real parts in a folder of its own: SQLite, files, libvips and the vector index. Only the model is small.
package struct TestLibrary: Sendable {
    package let folder: TemporaryFolder
    package let clock: SetClock
    package let catalog: SQLiteCatalog
    package let blobs: any BlobStore
    package let reader: VipsImageReader
    package let index: QuantizedVectorIndex
    package let encoder: any ImageTextEncoder
    package let backlog: IndexingBacklog
    package let identifiers: IdentifierGenerator
    package let library: ImageLibrary
    package let account: AccountID

    /// - Parameter makeBlobs: gives the store for bytes in a folder; nil for the real thing.
    package init(
        encoder: any ImageTextEncoder = ColourEncoder(), highWaterMark: Int = 1000,
        limits: ImagingLimits = ImagingLimits(), makeBlobs: ((String) throws -> any BlobStore)? = nil
    ) async throws {
        folder = try TemporaryFolder()
        clock = SetClock()
        catalog = try SQLiteCatalog(path: folder.path + "/catalog.sqlite", maximumAttempts: 2)
        let content = folder.path + "/content"
        blobs = try makeBlobs?(content) ?? FileBlobStore(folder: content)
        reader = try VipsImageReader(limits: limits)
        self.encoder = encoder
        index = QuantizedVectorIndex(dimension: encoder.model.embeddingDimension)
        backlog = IndexingBacklog(highWaterMark: highWaterMark)
        identifiers = IdentifierGenerator(clock: clock)
        library = ImageLibrary(
            catalog: catalog, blobs: blobs, reader: reader, index: index, encoder: encoder, identifiers: identifiers,
            clock: clock, backlog: backlog, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            renditions: try FileRenditionCache(folder: folder.path + "/renditions", maximumBytes: 1 << 20))
        account = try await catalog.account(named: "mine", creating: identifiers.next(), at: clock.now).id
    }

    package func newAccount(_ name: String) async throws -> AccountID {
        try await catalog.account(named: name, creating: identifiers.next(), at: clock.now).id
    }

    /// Receives a file as an upload does.
    package func file(
        _ bytes: [UInt8], name: String? = "a.png", metadata: JSONObject = [:], index: Bool = true
    ) async throws -> ReceivedFile {
        let staging = try await library.stage()
        do {
            try await staging.write(bytes)
            return .complete(
                IncomingFile(blob: try await staging.finish(), fileName: name, metadata: metadata, index: index))
        } catch {
            await staging.cancel()
            throw error
        }
    }

    /// Uploads files of one account that all must be good.
    package func upload(
        _ files: [[UInt8]], account: AccountID? = nil, metadata: JSONObject = [:], index: Bool = true
    ) async throws -> [Image] {
        var received: [ReceivedFile] = []
        for bytes in files { received.append(try await file(bytes, metadata: metadata, index: index)) }
        let results = try await library.upload(
            received, account: account ?? self.account, partial: false, idempotency: nil)
        return results.compactMap { if case .stored(let image) = $0 { image } else { nil } }
    }

    /// Does what the indexing pipeline does, until nothing is due.
    package func indexAll() async throws {
        while case let jobs = try await catalog.claimJobs(limit: 64, worker: "test", lease: 60, at: clock.now),
            !jobs.isEmpty
        {
            for job in jobs {
                let pixels = try await blobs.withLocalFile(job.contentHash) { [reader, encoder] path in
                    try await reader.pixels(path: path, preprocessing: encoder.model.preprocessing)
                }
                let embedding = try await encoder.embed(images: [pixels])[0]
                let stored = try await catalog.complete(
                    [JobCompletion(job: job, outcome: .indexed(embedding))], at: clock.now)
                if stored.contains(job.id) {
                    try await index.insert([VectorEntry(row: job.row, embedding: embedding)], account: job.accountID)
                }
            }
        }
    }

    /// Names of the files with images' bytes, and how many temporary files there are.
    package var stored: [String] {
        folder.files(in: "content/blobs").map { String($0.split(separator: "/").last!) }.sorted()
    }
    package var renditions: [String] { folder.files(in: "renditions") }
    package var temporaries: Int { folder.files(in: "content/tmp").count }
}
