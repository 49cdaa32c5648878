import Domain

/// An image as the server describes it.
public struct RemoteImage: Sendable, Hashable, Identifiable {
    /// The object as the server sent it.
    public let json: JSONValue
    public let id: ImageID
    /// Where a browser finds the bytes; signed, and expires.
    public let url: String
    public let status: IndexingStatus
    public let failure: IndexingFailure?
    public let metadata: JSONObject
    public let uploadedAt: Timestamp
    /// The rest is nil when the server knows only the original API.
    public let width: Int?
    public let height: Int?
    public let contentType: String?
    public let sizeBytes: Int64?
    public let sha256: ContentHash?

    /// - Throws: `ClientError` of kind `.malformedAnswer` when it is no image object.
    public init(json: JSONValue) throws(ClientError) {
        guard let id = json["image_id"]?.string.flatMap({ ImageID($0) }) else {
            throw ClientError(.malformedAnswer, "the server's answer holds an image without an id")
        }
        self.json = json
        self.id = id
        url = json["image_url"]?.string ?? ""
        status = json["indexing_status"]?.number?.int.flatMap(IndexingStatus.init) ?? .notIndexed
        failure = json["indexing_error"].flatMap { error in
            error["code"]?.string.map { IndexingFailure(code: $0, message: error["message"]?.string ?? "") }
        }
        metadata = json["image_metadata"]?.object ?? JSONObject()
        uploadedAt = json["upload_timestamp"]?.number?.double ?? 0
        width = json["width"]?.number?.int
        height = json["height"]?.number?.int
        contentType = json["content_type"]?.string
        sizeBytes = json["size_bytes"]?.number?.int.map(Int64.init)
        sha256 = json["sha256"]?.string.flatMap { ContentHash(hex: $0) }
    }
}

/// One page of a list.
public struct RemotePage: Sendable {
    /// The answer as the server sent it.
    public let json: JSONValue
    public let images: [RemoteImage]
    /// All that match, whatever the page; nil when the server does not say.
    public let total: Int?
    /// Asks for the page after this one; nil on the last.
    public let nextCursor: String?

    init(json: JSONValue) throws(ClientError) {
        guard let results = json["results"]?.array else {
            throw ClientError(.malformedAnswer, "the server's answer holds no list of images")
        }
        self.json = json
        var images: [RemoteImage] = []
        for result in results { images.append(try RemoteImage(json: result)) }
        self.images = images
        total = json["total"]?.number?.int
        nextCursor = json["next_cursor"]?.string
    }
}

/// One image that a search found.
public struct SearchHit: Sendable, Hashable {
    /// The result as the server sent it.
    public let json: JSONValue
    public let id: ImageID
    public let url: String
    public let metadata: JSONObject
    public let uploadedAt: Timestamp
    /// How likely the image is what was asked for, 0 to 1.
    public let score: Double
    /// The raw cosine, where the server says it.
    public let similarity: Double?

    init(json: JSONValue) throws(ClientError) {
        guard let id = json["image_id"]?.string.flatMap({ ImageID($0) }), let score = json["score"]?.number?.double
        else { throw ClientError(.malformedAnswer, "the server's answer holds a result without id or score") }
        self.json = json
        self.id = id
        self.score = score
        url = json["image_url"]?.string ?? ""
        metadata = json["image_metadata"]?.object ?? JSONObject()
        uploadedAt = json["upload_timestamp"]?.number?.double ?? 0
        similarity = json["similarity"]?.number?.double
    }
}
