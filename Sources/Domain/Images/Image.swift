/// One image of an account: what the catalog keeps about it. Its bytes are in the blob store under `contentHash`.
public struct Image: Sendable, Hashable, Identifiable {
    public let id: ImageID
    /// Assigned by the catalog at insertion.
    public let row: ImageRow
    public let accountID: AccountID
    public let contentHash: ContentHash
    public let properties: ImageProperties
    /// The client's name for the file, a hint only.
    public let fileName: String?
    public let metadata: JSONObject
    public let status: IndexingStatus
    /// Set when `status` is `.failed`.
    public let failure: IndexingFailure?
    public let uploadedAt: Timestamp

    public init(
        id: ImageID, row: ImageRow, accountID: AccountID, contentHash: ContentHash, properties: ImageProperties,
        fileName: String?, metadata: JSONObject, status: IndexingStatus, failure: IndexingFailure?,
        uploadedAt: Timestamp
    ) {
        self.id = id
        self.row = row
        self.accountID = accountID
        self.contentHash = contentHash
        self.properties = properties
        self.fileName = fileName
        self.metadata = metadata
        self.status = status
        self.failure = failure
        self.uploadedAt = uploadedAt
    }
}

/// What the bytes of an image say of themselves.
public struct ImageProperties: Sendable, Hashable, Codable {
    public let format: ImageFormat
    /// In pixels, as a viewer would show it (EXIF orientation applied).
    public let width: Int
    public let height: Int
    /// 1 for a still image.
    public let frames: Int
    public let sizeBytes: Int64

    public init(format: ImageFormat, width: Int, height: Int, frames: Int, sizeBytes: Int64) {
        self.format = format
        self.width = width
        self.height = height
        self.frames = frames
        self.sizeBytes = sizeBytes
    }
}

/// The formats Imago accepts, known by their bytes and never by name or declared type.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable, Codable {
    case jpeg, png, webp, gif, tiff, bmp, heic, avif

    /// The media type (IANA registry), for instance `image/jpeg`.
    public var contentType: String { "image/\(rawValue)" }

    public init?(contentType: some StringProtocol) {
        guard let format = Self.allCases.first(where: { $0.contentType == contentType }) else { return nil }
        self = format
    }

    /// The usual file name ending, without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
}

/// Where an image is on its way into the index. The numbers are the API's.
public enum IndexingStatus: Int, Sendable, Hashable, CaseIterable {
    case notIndexed = 0
    case inProgress = 1
    case indexed = 2
    case failed = 3
}

/// Why an image could not be indexed, in words fit for the client.
public struct IndexingFailure: Sendable, Hashable, Error {
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// An image about to be inserted; the catalog adds the row and the status.
public struct NewImage: Sendable, Hashable {
    public let id: ImageID
    public let accountID: AccountID
    public let contentHash: ContentHash
    public let properties: ImageProperties
    public let fileName: String?
    public let metadata: JSONObject
    /// Whether an indexing job is made in the same transaction.
    public let index: Bool
    /// Of the job.
    public let priority: JobPriority
    public let uploadedAt: Timestamp

    public init(
        id: ImageID, accountID: AccountID, contentHash: ContentHash, properties: ImageProperties, fileName: String?,
        metadata: JSONObject, index: Bool, priority: JobPriority = .interactive, uploadedAt: Timestamp
    ) {
        self.id = id
        self.accountID = accountID
        self.contentHash = contentHash
        self.properties = properties
        self.fileName = fileName
        self.metadata = metadata
        self.index = index
        self.priority = priority
        self.uploadedAt = uploadedAt
    }
}
