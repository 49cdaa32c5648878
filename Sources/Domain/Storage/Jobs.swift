/// One piece of background work: index this image with this model.
public struct IndexingJob: Sendable, Hashable {
    public let id: Int64
    public let imageID: ImageID
    public let row: ImageRow
    public let accountID: AccountID
    public let contentHash: ContentHash
    public let model: ModelID
    /// This try counted in: 1 the first time.
    public let attempt: Int
    public let maximumAttempts: Int
    /// Proof of the claim: a completion with an old token is refused (fencing).
    public let token: UUIDValue

    public init(
        id: Int64, imageID: ImageID, row: ImageRow, accountID: AccountID, contentHash: ContentHash, model: ModelID,
        attempt: Int, maximumAttempts: Int, token: UUIDValue
    ) {
        self.id = id
        self.imageID = imageID
        self.row = row
        self.accountID = accountID
        self.contentHash = contentHash
        self.model = model
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
        self.token = token
    }
}

/// Which of two due jobs goes first. The numbers are stored; the higher goes first.
public enum JobPriority: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// Images that are searchable by an earlier model.
    case reembedding = 0
    /// Images that came with many others: nobody waits for this one.
    case bulk = 1
    /// Images that somebody has just uploaded, or asked to be indexed anew.
    case interactive = 2

    public static func < (left: JobPriority, right: JobPriority) -> Bool { left.rawValue < right.rawValue }
}

/// What became of a claimed job.
public enum JobOutcome: Sendable {
    case indexed(Embedding)
    /// The cause may pass: try again at that time.
    case retry(at: Timestamp, IndexingFailure)
    /// The cause can't pass: the image gets status 3.
    case failed(IndexingFailure)
}

public struct JobCompletion: Sendable {
    public let job: IndexingJob
    public let outcome: JobOutcome

    public init(job: IndexingJob, outcome: JobOutcome) {
        self.job = job
        self.outcome = outcome
    }
}

/// How much work waits, for metrics and backpressure.
public struct JobCounts: Sendable, Hashable {
    public let queued: Int
    public let running: Int
    /// When the oldest waiting job was due; nil when none waits.
    public let oldestDueAt: Timestamp?

    public init(queued: Int, running: Int, oldestDueAt: Timestamp?) {
        self.queued = queued
        self.running = running
        self.oldestDueAt = oldestDueAt
    }
}
