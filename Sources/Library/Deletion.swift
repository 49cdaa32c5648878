import Domain

extension ImageLibrary {
    /// Deletes images: afterwards they are in no list and no search, and their bytes are gone unless another image
    /// shares them.
    /// - Returns: the ids that were there.
    @discardableResult
    public func delete(_ ids: [ImageID], account: AccountID) async throws -> [ImageID] {
        let found = try await catalog.images(ids, account: account)
        guard !found.isEmpty else { return [] }
        return try await blobLocks.withLocks(found.map(\.contentHash)) {
            let deleted = try await catalog.delete(found.map(\.id), account: account)
            try await index.remove(deleted.images.map(\.row), account: account)
            await removeUnreferenced(deleted.unreferenced)
            return deleted.images.map(\.id)
        }
    }

    /// Deletes every image of the account that matches, a page at a time.
    /// - Returns: how many there were.
    public func delete(matching filter: ImageFilter, account: AccountID) async throws -> Int {
        var deleted = 0
        while true {
            let page = try await catalog.images(
                ImageQuery(filter: filter, order: .ascending, limit: ImageQuery.maximumLimit), account: account)
            guard !page.images.isEmpty else { return deleted }
            deleted += try await delete(page.images.map(\.id), account: account).count
        }
    }

    /// Finishes what a crash between a delete's transaction and the removal of its bytes left over.
    /// - Returns: how many blobs were removed.
    public func sweepUnreferencedBlobs() async throws -> Int {
        var removed = 0
        while true {
            let hashes = try await catalog.unreferencedBlobs(limit: 256)
            guard !hashes.isEmpty else { return removed }
            for hash in hashes {
                try await blobLocks.withLocks([hash]) {
                    if try await !catalog.isReferenced(hash) {
                        try await blobs.remove(hash)
                        await renditions.removeAll(of: hash)
                    }
                    try await catalog.forgetBlobs([hash])
                }
            }
            removed += hashes.count
        }
    }
}
