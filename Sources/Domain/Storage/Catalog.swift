/// The truth about accounts, keys, images, jobs and vectors. Each mutation is one durable transaction:
/// when the call returns, a crash one instruction later loses nothing.
public protocol Catalog: StoredVectors {
    // MARK: Accounts and keys

    /// The account of that name, made if there is none.
    func account(named name: String, creating id: AccountID, at time: Timestamp) async throws -> Account
    func account(_ id: AccountID) async throws -> Account?
    func accounts() async throws -> [Account]
    func insert(_ key: APIKey) async throws
    /// Nil when no key has that digest. A revoked or expired key is returned: its validity is the caller's to judge.
    func apiKey(digest: ContentHash) async throws -> APIKey?
    /// All keys, oldest first; those of one account where given.
    func apiKeys(of account: AccountID?) async throws -> [APIKey]
    /// False when there is no such key or it was revoked before.
    func revoke(_ key: APIKeyID, at time: Timestamp) async throws -> Bool

    // MARK: Images

    /// Inserts images, counts their blobs' references and makes their indexing jobs, all or nothing.
    /// - Parameters:
    ///   - model: what the jobs index with.
    ///   - answer: the answer to repeat under an idempotency key; made from the inserted images, stored in the
    ///     same transaction.
    /// - Returns: the images as stored, in the order given.
    /// - Throws: `CatalogError.idempotencyKeyUsed` when another request stored the key first; nothing is inserted.
    func insert(
        _ images: [NewImage], model: ModelID, answer: IdempotentAnswer?
    ) async throws -> [Image]

    /// The stored answer for an idempotency key not older than `since`.
    func idempotentAnswer(key: String, account: AccountID, since: Timestamp) async throws -> IdempotentAnswer?
    /// Forgets idempotent answers older than `time`.
    func removeIdempotentAnswers(before time: Timestamp) async throws

    func image(_ id: ImageID, account: AccountID) async throws -> Image?
    /// The image of whatever account: only for who has proved a right to it, as a signed URL does.
    func image(_ id: ImageID) async throws -> Image?
    /// Those of the ids that exist in the account, in no particular order.
    func images(_ ids: [ImageID], account: AccountID) async throws -> [Image]
    /// Those of the rows that exist in the account, in no particular order.
    func images(rows: [ImageRow], account: AccountID) async throws -> [Image]
    func images(_ query: ImageQuery, account: AccountID) async throws -> ImagePage
    /// The rows of the account that match, for a filtered search.
    func rows(matching filter: ImageFilter, account: AccountID) async throws -> RowSet

    /// The indexed images of the account that match the filter and have any of the words in the strings of their metadata,
    /// best first. A word of the caption weighs three elsewhere.
    /// - Parameter words: as `QueryWords` makes them.
    func textMatches(
        _ words: [String], filter: ImageFilter, account: AccountID, limit: Int
    ) async throws -> TextMatches

    /// Deletes images with their jobs and vectors.
    /// - Returns: the images deleted, and the hashes no image refers to any more. Those stay listed by
    ///   `unreferencedBlobs` until `forgetBlobs`, so that a crash in between loses track of none.
    func delete(_ ids: [ImageID], account: AccountID) async throws -> DeletedImages

    /// The image's metadata from now on. Nil when there is no such image.
    func setMetadata(_ metadata: JSONObject, of id: ImageID, account: AccountID) async throws -> Image?
    /// Queues the image for (re)indexing and sets status 1. Nil when there is no such image.
    func queueIndexing(of id: ImageID, account: AccountID, model: ModelID, at time: Timestamp) async throws -> Image?

    /// Takes the image out of the index: its job and vectors are dropped and it gets status 0. Nil when there is no such
    /// image.
    func withdrawFromIndex(_ id: ImageID, account: AccountID) async throws -> Image?

    // MARK: Blobs

    /// Blobs whose last image is gone and whose bytes may still be there.
    func unreferencedBlobs(limit: Int) async throws -> [ContentHash]
    /// True while an image refers to it.
    func isReferenced(_ hash: ContentHash) async throws -> Bool
    /// The bytes are gone: drop the records of those that are still unreferenced.
    func forgetBlobs(_ hashes: [ContentHash]) async throws
    /// Every hash images refer to, a page at a time in ascending order, for fsck.
    func referencedBlobs(after: ContentHash?, limit: Int) async throws -> [ContentHash]
    /// How many records of references `mendBlobReferences` would mend.
    func wrongBlobReferences() async throws -> Int
    /// Recounts references and mends what is wrong. Returns how many records were mended.
    func mendBlobReferences() async throws -> Int
    /// Images whose bytes are lost: jobs and vectors are dropped and the images get status 3. For fsck.
    func markLost(_ hash: ContentHash, failure: IndexingFailure) async throws -> Int

    // MARK: Jobs

    /// Claims due jobs, oldest first, each for `lease` seconds. A claim whose lease ran out counts as due.
    /// One whose attempts are used up is not claimed: its image gets status 3 with `worker_lost`.
    func claimJobs(limit: Int, worker: String, lease: Double, at time: Timestamp) async throws -> [IndexingJob]
    /// Extends leases that are still this claim's. Returns the ids that are.
    func renewLeases(_ jobs: [IndexingJob], lease: Double, at time: Timestamp) async throws -> Set<Int64>
    /// Stores outcomes, vectors and statuses in one transaction. A job whose token is no longer current, or whose
    /// image is gone, is passed over.
    /// - Returns: the ids of the jobs whose outcome was stored.
    func complete(_ completions: [JobCompletion], at time: Timestamp) async throws -> Set<Int64>
    /// Puts claimed jobs back untouched and uncounted, as a clean stop does.
    func release(_ jobs: [IndexingJob]) async throws
    /// Puts every running job back, for the start of a process that owns the catalog alone.
    func releaseAllClaims() async throws -> Int
    func jobCounts(at time: Timestamp) async throws -> JobCounts
    /// Images that `queueStranded` would queue.
    func strandedImages(model: ModelID) async throws -> Int
    /// Queues what nothing would index otherwise: images in status 1 without a job for the model, and images in status 2
    /// without a vector of it. Jobs for other models are dropped. For the start with a new model, and for fsck.
    /// - Returns: how many images were queued.
    func queueStranded(model: ModelID, at time: Timestamp) async throws -> Int

    // MARK: Vectors

    /// Vectors of a model in ascending order of row, a page at a time.
    func vectors(model: ModelID, after row: ImageRow, limit: Int) async throws -> [StoredVector]
    func vector(of row: ImageRow, model: ModelID) async throws -> Embedding?
    func vectorCount(model: ModelID) async throws -> Int

    // MARK: Settings and state

    func setting(_ name: String) async throws -> String?
    /// Sets the value if there is none. Returns the one that holds.
    func setting(_ name: String, default value: String) async throws -> String
    func imageCounts() async throws -> [IndexingStatus: Int]
    /// What is wrong with the stored data itself, in words for the operator; empty when all is well. Reads everything.
    func verify() async throws -> [String]
    /// Checks that the catalog answers; for readiness.
    func check() async throws
}

public struct StoredVector: Sendable {
    public let row: ImageRow
    public let accountID: AccountID
    public let embedding: Embedding

    public init(row: ImageRow, accountID: AccountID, embedding: Embedding) {
        self.row = row
        self.accountID = accountID
        self.embedding = embedding
    }
}

public struct DeletedImages: Sendable {
    public let images: [Image]
    public let unreferenced: [ContentHash]

    public init(images: [Image], unreferenced: [ContentHash]) {
        self.images = images
        self.unreferenced = unreferenced
    }
}

/// What a repeated request with the same `Idempotency-Key` is answered with.
public struct IdempotentAnswer: Sendable, Hashable {
    /// How long an answer is repeated, in seconds: 24 hours.
    public static let lifetime: Double = 24 * 3600

    public let key: String
    public let accountID: AccountID
    /// Digest of the first request, so that another request under the same key is told apart.
    public let fingerprint: ContentHash
    /// Ids in the order of the answer; nil where a file was refused (`partial`), with its error as JSON.
    public let results: [Entry]
    public let createdAt: Timestamp

    public enum Entry: Sendable, Hashable {
        case image(ImageID)
        case refused(JSONValue)
    }

    public init(
        key: String, accountID: AccountID, fingerprint: ContentHash, results: [Entry], createdAt: Timestamp
    ) {
        self.key = key
        self.accountID = accountID
        self.fingerprint = fingerprint
        self.results = results
        self.createdAt = createdAt
    }
}

public enum CatalogError: Error, Sendable, Hashable {
    case idempotencyKeyUsed
    /// No room left on the device.
    case storeFull
    /// The catalog can't be read or written; the text is for the log, never for a client.
    case unavailable(String)
    /// The catalog was written by a newer version of Imago.
    case newerSchema(String)
}
