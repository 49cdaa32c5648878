/// How the HTTP interface behaves. The defaults suit a server on one's own machine.
public struct HTTPAPIConfiguration: Sendable {
    /// What clients call this server, without a slash at the end: the start of every `image_url`. Nil takes the `Host`
    /// of each request.
    public var publicURL: String?
    public var limits: HTTPLimits
    public var rateLimits: RateLimits
    /// Seconds a client may stay silent while the server waits for bytes of a request, or for it to take those of an
    /// answer.
    public var idleTimeout: Double

    public init(
        publicURL: String? = nil, limits: HTTPLimits = HTTPLimits(), rateLimits: RateLimits = RateLimits(),
        idleTimeout: Double = 60
    ) {
        self.publicURL = publicURL
        self.limits = limits
        self.rateLimits = rateLimits
        self.idleTimeout = idleTimeout
    }
}

/// How much one request may bring or ask for. Sizes in bytes.
public struct HTTPLimits: Sendable {
    /// One image file.
    public var fileBytes: Int64
    /// Files in one upload.
    public var files: Int
    /// The body of an upload.
    public var requestBytes: Int64
    /// The `metadata` field of an upload, all files' together.
    public var metadataBytes: Int
    /// A JSON body that carries images as text, which is held in memory. Larger images go as multipart.
    public var imageJSONBytes: Int
    /// Any other JSON body.
    public var jsonBytes: Int
    /// Levels of nesting in JSON.
    public var jsonDepth: Int
    /// Longest side of a rendition, in pixels.
    public var renditionSide: Int
    /// Text of a search.
    public var queryBytes: Int
    /// How deep a search's results can be paged through.
    public var searchOffset: Int
    /// Bytes of a request that are still read, and thrown away, once its answer is out; then the connection closes.
    public var unreadBytes: Int

    public init(
        fileBytes: Int64 = 64 << 20, files: Int = 256, requestBytes: Int64 = 1 << 30, metadataBytes: Int = 4 << 20,
        imageJSONBytes: Int = 32 << 20, jsonBytes: Int = 1 << 20, jsonDepth: Int = 64, renditionSide: Int = 4096,
        queryBytes: Int = 4096, searchOffset: Int = 10_000, unreadBytes: Int = 64 << 20
    ) {
        self.fileBytes = fileBytes
        self.files = files
        self.requestBytes = requestBytes
        self.metadataBytes = metadataBytes
        self.imageJSONBytes = imageJSONBytes
        self.jsonBytes = jsonBytes
        self.jsonDepth = jsonDepth
        self.renditionSide = renditionSide
        self.queryBytes = queryBytes
        self.searchOffset = searchOffset
        self.unreadBytes = unreadBytes
    }
}

/// Requests a minute for each API key; nil for no limit.
public struct RateLimits: Sendable {
    public var uploads: Int?
    public var searches: Int?
    /// Every other authenticated request.
    public var reads: Int?

    public init(uploads: Int? = nil, searches: Int? = nil, reads: Int? = nil) {
        self.uploads = uploads
        self.searches = searches
        self.reads = reads
    }
}
