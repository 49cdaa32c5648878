import Domain

extension ImageLibrary {
    /// Changes an image's metadata. Two changes of one image don't overlap, so that neither is lost.
    /// - Parameter change: makes the new metadata from the old; what it throws is passed on and nothing is changed.
    /// - Returns: nil when there is no such image.
    public func updateMetadata(
        of id: ImageID, account: AccountID, _ change: @Sendable (JSONObject) throws -> JSONObject
    ) async throws -> Image? {
        try await metadataLocks.withLocks([id]) {
            guard let image = try await catalog.image(id, account: account) else { return nil }
            return try await catalog.setMetadata(try change(image.metadata), of: id, account: account)
        }
    }
}
