import Domain

extension S3BlobStore {
    /// Read from the store, not from a local copy. Of the whole, the last piece comes only when all of it has the hash.
    public func read(
        _ hash: ContentHash, range: Range<Int64>?
    ) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        var range = range
        if let wanted = range {
            let start = max(0, wanted.lowerBound)
            guard start < wanted.upperBound else {
                guard try await size(of: hash) != nil else { throw BlobError.notFound(hash) }
                return AsyncThrowingStream { nil }
            }
            range = start..<wanted.upperBound
        }
        let stream = try await mapped(hash) { [range] in
            try await ObjectStream(client, key: key(of: hash), range: range, hash: hash)
        }
        return AsyncThrowingStream { [self] in try await mapped(hash) { try await stream.next() } }
    }

    /// A copy on this machine, fetched when there is none. One that is there already may outlive the blob in the store
    /// when another process removes that.
    public func withLocalFile<Result: Sendable>(
        _ hash: ContentHash, _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        try await mapped(hash) { try await copies.withCopy(hash, body) }
    }
}
