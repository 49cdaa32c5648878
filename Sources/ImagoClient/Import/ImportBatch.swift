import Domain

/// A file of a batch that is an image by its first bytes.
private struct Candidate: Sendable {
    let found: FoundFile
    let upload: UploadFile
}

extension Importer {
    /// Decides each file of a batch: looks at it, asks whether it is there, and uploads it if not.
    /// - Throws: `ClientError` when it is no use to go on.
    func take(_ files: [FoundFile]) async throws {
        var candidates: [Candidate] = []
        for file in files {
            if let candidate = await look(at: file) { candidates.append(candidate) }
        }
        let there = try await confirmed(candidates.map(\.upload.hash))
        var missing: [Candidate] = []
        for candidate in candidates {
            if let id = there[candidate.upload.hash] {
                await ledger.present(candidate.found, hash: candidate.upload.hash, id: id)
            } else if options.dryRun {
                await ledger.wouldImport(candidate.found, hash: candidate.upload.hash)
            } else {
                missing.append(candidate)
            }
        }
        if !missing.isEmpty { try await send(missing, generation: 0) }
    }

    /// Nil when the file is no image, can't be read, or another one of this import has the same bytes.
    private func look(at file: FoundFile) async -> Candidate? {
        do {
            let open = try await LocalFile.open(file.path)
            let (hash, head) = try await open.digest(head: ImageSniffer.headSize)
            guard ImageSniffer.isImage(head) else {
                let reason = head.isEmpty ? "empty" : "not an image"
                if file.isNamed {
                    await ledger.failed(file, hash: nil, reason)
                } else {
                    await ledger.skipped(file, reason)
                }
                return nil
            }
            guard await ledger.claim(hash, for: file) else { return nil }
            let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
            return Candidate(
                found: file,
                upload: UploadFile(
                    path: file.path, fileName: name, hash: hash, metadata: options.metadata, index: options.index,
                    stamp: open.stamp))
        } catch {
            await ledger.failed(file, hash: nil, (error as? ClientError)?.message ?? "can't be read")
            return nil
        }
    }

    /// Those of the hashes the server has images of, as far as the state knows which to ask for.
    private func confirmed(_ hashes: [ContentHash]) async throws -> [ContentHash: ImageID] {
        let known = hashes.map { (hash: $0, ids: state.ids(of: $0)) }
        let asked = known.flatMap(\.ids)
        guard !asked.isEmpty else { return [:] }
        let images = try await client.images(ids: asked)
        let found = Dictionary(images.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        state.forget(asked.filter { found[$0] == nil })
        var there: [ContentHash: ImageID] = [:]
        for (hash, ids) in known {
            there[hash] = ids.first { id in found[id].map { $0.sha256 == nil || $0.sha256 == hash } ?? false }
        }
        return there
    }

    /// Uploads in one request, or in smaller ones where the server or a file objects to that.
    private func send(_ batch: [Candidate], generation: Int) async throws {
        let outcomes: [UploadOutcome]
        do {
            let ledger = ledger
            outcomes = try await client.upload(batch.map(\.upload), generation: generation, isBulk: true) { error, delay in
                Task { await ledger.update { $0.pause = .init(reason: error.message, seconds: delay) } }
            }
        } catch let error as ClientError {
            switch error.kind {
            case .notPermitted, .unreachable, .rateLimited, .unavailable, .badAddress, .notFound: throw error
            case .conflict where generation == 0: return try await send(batch, generation: .random(in: 1 ... .max))
            default: break
            }
            guard batch.count > 1 else {
                return await ledger.failed(batch[0].found, hash: batch[0].upload.hash, error.message)
            }
            // Too many files or bytes at once, or one of them is the cause: halves tell.
            try await send(Array(batch[..<(batch.count / 2)]), generation: generation)
            return try await send(Array(batch[(batch.count / 2)...]), generation: generation)
        }
        try await settle(batch, outcomes, generation: generation)
    }

    private func settle(_ batch: [Candidate], _ outcomes: [UploadOutcome], generation: Int) async throws {
        var deleted: [Candidate] = []
        for (candidate, outcome) in zip(batch, outcomes) {
            let hash = candidate.upload.hash
            switch outcome {
            case .stored(let image) where image.sha256 == nil || image.sha256 == hash:
                state.record([(hash, image.id)])
                await ledger.imported(candidate.found, hash: hash, id: image.id)
            case .stored: await ledger.failed(candidate.found, hash: hash, "the server received other bytes")
            case .refused("image_deleted", _) where generation == 0: deleted.append(candidate)
            case .refused(_, let message): await ledger.failed(candidate.found, hash: hash, message)
            }
        }
        // The answer to an earlier, equal request, whose images were deleted since: these are to come back.
        if !deleted.isEmpty { try await send(deleted, generation: .random(in: 1 ... .max)) }
    }
}
