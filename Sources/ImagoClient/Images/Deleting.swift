import Domain

/// What became of the images that were to be deleted.
public struct DeletionResult: Sendable {
    public internal(set) var deleted: [ImageID] = []
    public internal(set) var failed: [(id: ImageID, error: ClientError)] = []
}

extension ImagoClient {
    /// Every image that meets the filter.
    public func ids(matching filter: RemoteFilter) async throws -> [ImageID] {
        var request = ListRequest(filter: filter, limit: 1000)
        var ids: [ImageID] = []
        repeat {
            let page = try await images(request)
            ids += page.images.map(\.id)
            request.cursor = page.nextCursor
        } while request.cursor != nil
        return ids
    }

    /// Deletes one image.
    /// - Throws: `ClientError` of kind `.notFound` when there is none.
    public func delete(_ id: ImageID) async throws {
        var wasSent = false
        do {
            _ = try await transport.send(Request(.DELETE, "/v1/images/\(id)")) { _, _ in wasSent = true }
        } catch let error as ClientError where error.kind == .notFound && wasSent {
            // It went with an earlier try whose answer was lost.
        }
    }

    /// Deletes images, several at once. One that can't be deleted does not keep the others.
    public func delete(_ ids: [ImageID], parallel: Int = 8) async throws -> DeletionResult {
        try await withThrowingTaskGroup(of: (ImageID, ClientError?).self) { group in
            var rest = ids[...]
            var result = DeletionResult()
            for _ in 0..<parallel { if let id = rest.popFirst() { group.addTask { try await attempt(id) } } }
            while let (id, error) = try await group.next() {
                if let error { result.failed.append((id, error)) } else { result.deleted.append(id) }
                // Without a server or a key the others would fail the same way.
                let isHopeless = error.map { [.unreachable, .notPermitted].contains($0.kind) } ?? false
                if isHopeless { rest = [] }
                if let next = rest.popFirst() { group.addTask { try await attempt(next) } }
            }
            return result
        }
    }

    private func attempt(_ id: ImageID) async throws -> (ImageID, ClientError?) {
        do {
            try await delete(id)
            return (id, nil)
        } catch let error as ClientError {
            return (id, error)
        }
    }
}
