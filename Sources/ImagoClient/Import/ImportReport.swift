import Domain

/// Where an import is.
public struct ImportProgress: Sendable, Hashable {
    public enum Phase: Sendable, Hashable {
        case scanning
        /// Reading what the server holds; so many images so far.
        case learning(Int)
        case sending
        /// Everything is sent; so many images are indexed of so many.
        case indexing(done: Int, of: Int)
    }

    public var phase = Phase.scanning
    public var totalFiles = 0
    public var totalBytes: Int64 = 0
    /// Files that are decided, one way or another, and their bytes.
    public var files = 0
    public var bytes: Int64 = 0
    public var imported = 0
    public var present = 0
    public var skipped = 0
    public var failed = 0
    /// Why the import waits just now, and for how many seconds.
    public var pause: Pause?

    public struct Pause: Sendable, Hashable {
        public let reason: String
        public let seconds: Double

        public init(reason: String, seconds: Double) {
            self.reason = reason
            self.seconds = seconds
        }
    }

    public init() {}
}

/// What an import did.
public struct ImportReport: Sendable {
    public struct Imported: Sendable, Hashable {
        public let path: String
        public let id: ImageID
    }
    public struct Passed: Sendable, Hashable {
        public let path: String
        public let reason: String
    }

    /// Uploaded by this import.
    public internal(set) var imported: [Imported] = []
    /// What a dry run would have uploaded.
    public internal(set) var wouldImport: [String] = []
    /// There before, or the same bytes as another file of this import; the reason says which.
    public internal(set) var present: [Passed] = []
    /// No images, so not sent.
    public internal(set) var skipped: [Passed] = []
    /// Hidden files and folders, not looked at.
    public internal(set) var hidden = 0
    public internal(set) var failed: [Passed] = []
    /// Images of this import that could not be indexed, when it waited for that.
    public internal(set) var notIndexed: [Passed] = []
    /// Images of this import that were still waiting to be indexed when it was stopped.
    public internal(set) var stillIndexing = 0
    /// Files not come to because the import was stopped or given up.
    public internal(set) var unreached = 0
    /// Uploaded by this import.
    public internal(set) var bytes: Int64 = 0
    /// Why the import was given up; nil when it came to its end or was stopped.
    public internal(set) var givenUp: ClientError?
    public internal(set) var isStopped = false

    public init() {}

    /// Everything that was to be there is there.
    public var isComplete: Bool {
        failed.isEmpty && notIndexed.isEmpty && stillIndexing == 0 && unreached == 0 && givenUp == nil && !isStopped
    }
}
