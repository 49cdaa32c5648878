import Domain

extension ImageLibrary {
    /// A smaller copy of an image for display. However many ask for the same at once, it is computed once.
    public func rendition(of image: Image, _ request: RenditionRequest) async throws -> [UInt8] {
        let key = RenditionKey(content: image.contentHash, request: request)
        if let kept = await renditions.rendition(key) { return kept }
        return try await renditionLocks.withLocks([key]) {
            if let kept = await renditions.rendition(key) { return kept }
            let bytes = try await blobs.withLocalFile(image.contentHash) { [reader] path in
                try await reader.rendition(path: path, request)
            }
            await renditions.keep(bytes, for: key)
            // Deleted while it was computed: nothing of it stays.
            if try await blobs.size(of: image.contentHash) == nil { await renditions.removeAll(of: image.contentHash) }
            return bytes
        }
    }
}

/// Keeps nothing.
struct NoRenditionCache: RenditionCache {
    func rendition(_ key: RenditionKey) async -> [UInt8]? { nil }
    func keep(_ bytes: [UInt8], for key: RenditionKey) async {}
    func removeAll(of content: ContentHash) async {}
}
