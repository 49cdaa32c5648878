/// Keeps bytes under their SHA-256. Equal bytes are stored once.
public protocol BlobStore: Sendable {
    /// Starts a temporary blob, filled as the bytes arrive.
    func stage() async throws -> any BlobStaging

    /// Makes a staged blob durable under its hash: fsync of file and folder, then it is there for good. Doing so
    /// with bytes that are there already is cheap and leaves the old ones in place.
    func publish(_ blob: StagedBlob) async throws

    /// Drops a staged blob that is not wanted after all.
    func discard(_ blob: StagedBlob) async

    /// Size in bytes, or nil when there is no such blob.
    func size(of hash: ContentHash) async throws -> Int64?

    /// The bytes of a range (the whole when nil), in order, a bounded piece at a time.
    /// - Throws: `BlobError.notFound`
    func read(_ hash: ContentHash, range: Range<Int64>?) async throws -> AsyncThrowingStream<[UInt8], any Error>

    /// A local file with the blob's bytes for the time of the call: decoders want files, not streams.
    /// - Throws: `BlobError.notFound`
    func withLocalFile<Result: Sendable>(
        _ hash: ContentHash, _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result

    /// Removes the bytes; nothing happens when they are not there. Durable when it returns.
    func remove(_ hash: ContentHash) async throws

    /// Every blob there is, for fsck.
    func all() async throws -> AsyncThrowingStream<ContentHash, any Error>

    /// Removes what a crash left half-written. Call when no other process stages blobs here.
    /// - Returns: how many temporary blobs were removed.
    func sweepTemporaries() async throws -> Int

    /// Checks that the store can be written to; for readiness.
    func check() async throws
}

/// A temporary blob being written. One task writes; ends in `finish` or `cancel`.
public protocol BlobStaging: Sendable {
    func write(_ bytes: [UInt8]) async throws
    /// Ends the writing. The bytes lie in a local file from here on, not yet durable.
    func finish() async throws -> StagedBlob
    /// Drops the file. Harmless after `finish` failed or a second time.
    func cancel() async
}

/// A complete temporary blob: hashed, measured, not yet published.
public struct StagedBlob: Sendable, Hashable {
    public let hash: ContentHash
    public let sizeBytes: Int64
    /// The temporary file.
    public let path: String

    public init(hash: ContentHash, sizeBytes: Int64, path: String) {
        self.hash = hash
        self.sizeBytes = sizeBytes
        self.path = path
    }
}

public enum BlobError: Error, Sendable, Hashable {
    case notFound(ContentHash)
    /// No room left on the device.
    case storeFull
    /// The store can't be read or written; the text is for the log, never for a client.
    case unavailable(String)
}
