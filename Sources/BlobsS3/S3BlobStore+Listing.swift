import Domain

extension S3BlobStore {
    public func all() async throws -> AsyncThrowingStream<ContentHash, any Error> {
        let listing = HashListing(client: client, prefix: configuration.location.prefix)
        // The first page is asked for now, so that a store that is not there is told at once.
        try await mapped { try await listing.fetch() }
        return AsyncThrowingStream { [self] in try await mapped { try await listing.next() } }
    }

    /// Removes staged files, and uploads in parts that were begun more than `orphanAge` seconds ago. Younger ones may be
    /// another process's and under way.
    public func sweepTemporaries() async throws -> Int {
        let swept = try await files.sweepTemporaries()
        return try await swept + mapped { try await sweepUploads() }
    }

    private func sweepUploads() async throws -> Int {
        let prefix = configuration.location.prefix
        let latest = client.clock.now - configuration.orphanAge
        var swept = 0
        var markers: [Field] = []
        while true {
            let page = try await client.uploads(prefix: prefix, after: markers)
            for upload in page.uploads where upload.startedAt < latest && ContentHash(upload.key, prefix) != nil {
                try await client.abort(upload.id, of: upload.key)
                swept += 1
            }
            guard let next = page.next else { return swept }
            guard next != markers else { throw S3Failure(.malformedAnswer, "a list goes round in a circle") }
            markers = next
        }
    }
}

extension ContentHash {
    /// Of a blob's key; nil when it is the key of something else.
    fileprivate init?(_ key: String, _ prefix: String) {
        guard key.hasPrefix(prefix) else { return nil }
        self.init(hex: key.dropFirst(prefix.count))
    }
}

/// Every hash under a prefix, page by page, so that memory stays small however many there are.
private actor HashListing {
    private let client: S3Client
    private let prefix: String
    private var hashes: ArraySlice<ContentHash> = []
    private var token: String?
    private var isAtEnd = false

    init(client: S3Client, prefix: String) {
        self.client = client
        self.prefix = prefix
    }

    func next() async throws -> ContentHash? {
        while true {
            if let hash = hashes.popFirst() { return hash }
            guard !isAtEnd else { return nil }
            try await fetch()
        }
    }

    func fetch() async throws {
        let page = try await client.objects(prefix: prefix, after: token)
        guard page.next == nil || page.next != token else {
            throw S3Failure(.malformedAnswer, "a list goes round in a circle")
        }
        hashes = page.keys.compactMap { ContentHash($0, prefix) }[...]
        token = page.next
        isAtEnd = page.next == nil
    }
}
