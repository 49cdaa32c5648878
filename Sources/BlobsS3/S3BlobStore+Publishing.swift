import Domain

extension S3BlobStore {
    /// Equal bytes are sent again at most: the store keeps those it has. The staged file becomes a local copy.
    public func publish(_ blob: StagedBlob) async throws {
        try await mapped(blob.hash) { try await upload(blob) }
        // The bytes are safe; a copy that can't be kept is fetched when it is needed.
        do { try await copies.adopt(blob) } catch { await files.discard(blob) }
    }

    private func upload(_ blob: StagedBlob) async throws {
        let key = key(of: blob.hash)
        var mayExist = true
        if blob.sizeBytes >= configuration.asksFirst, let size = try await client.size(of: key) {
            if size == blob.sizeBytes { return }
            mayExist = false
        }
        if try await put(blob, key, ifAbsent: mayExist) == .existed, try await client.size(of: key) != blob.sizeBytes {
            // Removed by another process just now, or not ours: what stands there can't have this hash.
            _ = try await put(blob, key, ifAbsent: false)
        }
    }

    private func put(_ blob: StagedBlob, _ key: String, ifAbsent: Bool) async throws -> PutOutcome {
        let isConditional = ifAbsent && writesConditionally.load(ordering: .relaxed)
        do {
            guard blob.sizeBytes <= configuration.largestSingle else {
                return try await MultipartUpload(
                    client: client, budget: budget, key: key, blob: blob, ifAbsent: isConditional
                ).run()
            }
            return try await budget.withBytes(Int(blob.sizeBytes)) {
                let (bytes, _) = try await FileSpan.read(blob.path, 0..<blob.sizeBytes, hash: blob.hash)
                try await client.put(key, bytes, hash: blob.hash, ifAbsent: isConditional)
                return .stored
            }
        } catch let failure as S3Failure where failure.status == 412 && isConditional {
            return .existed
        } catch let failure as S3Failure where failure.status == 501 && isConditional {
            // Equal bytes over equal bytes do no harm, so such a store will do.
            writesConditionally.store(false, ordering: .relaxed)
            return try await put(blob, key, ifAbsent: false)
        }
    }
}
