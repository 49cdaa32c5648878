import Domain

/// One file of an upload, received in full and not yet looked at.
public struct IncomingFile: Sendable {
    public let blob: StagedBlob
    /// The client's name for it, a hint only.
    public let fileName: String?
    public let metadata: JSONObject
    public let index: Bool

    public init(blob: StagedBlob, fileName: String?, metadata: JSONObject, index: Bool) {
        self.blob = blob
        self.fileName = fileName
        self.metadata = metadata
        self.index = index
    }
}

/// One file of an upload as it came off the wire.
public enum ReceivedFile: Sendable {
    case complete(IncomingFile)
    /// Refused before its bytes were all there, for instance because there are too many of them.
    case refused(FileRefusal)

    var blob: StagedBlob? { if case .complete(let file) = self { file.blob } else { nil } }
}

/// A client's promise that requests with the same key are one (draft-ietf-httpapi-idempotency-key-header).
public struct IdempotencyKey: Sendable {
    public let key: String
    /// Digest of the whole request: the same key with another digest is a conflict.
    public let fingerprint: ContentHash

    public init(key: String, fingerprint: ContentHash) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What became of one file of an upload.
public enum UploadResult: Sendable {
    case stored(Image)
    case refused(FileRefusal)
}

/// Why a file is not taken: its place in the request, from 0, its name and the reason.
public struct FileRefusal: Sendable, Hashable, Error {
    public let position: Int
    public let fileName: String?
    public let code: String
    public let message: String

    public init(position: Int, fileName: String?, code: String, message: String) {
        self.position = position
        self.fileName = fileName
        self.code = code
        self.message = message
    }
}

public enum UploadError: Error, Sendable {
    /// Not every file is an acceptable image, so none was stored. Never empty.
    case refused([FileRefusal])
    /// The idempotency key was used with another request.
    case idempotencyConflict
    /// The indexing queue is past its high-water mark.
    case backlogFull(waiting: Int)
}

extension ImageLibrary {
    /// Starts receiving a file. Whatever is finished must go to `upload` or `discard`.
    public func stage() async throws -> any BlobStaging { try await blobs.stage() }

    public func discard(_ files: [StagedBlob]) async {
        for file in files { await blobs.discard(file) }
    }

    /// Refuses early, before any byte is received.
    public func checkAdmission() throws(UploadError) {
        if backlog.isPastHighWaterMark { throw .backlogFull(waiting: backlog.counts.queued) }
    }

    /// Stores images: durable when it returns. Takes charge of the staged files whatever happens.
    /// - Parameters:
    ///   - partial: store the good files although others are refused; otherwise it is all or none.
    /// - Returns: one result a file, in order.
    public func upload(
        _ files: [ReceivedFile], account: AccountID, partial: Bool, idempotency: IdempotencyKey?
    ) async throws -> [UploadResult] {
        do {
            if let idempotency, let earlier = try await earlierAnswer(to: idempotency, account: account) {
                await discard(files.compactMap(\.blob))
                return earlier
            }
            return try await store(files, account: account, partial: partial, idempotency: idempotency)
        } catch CatalogError.idempotencyKeyUsed {
            // Another request with the key was stored while this one was received.
            await discard(files.compactMap(\.blob))
            guard let idempotency, let earlier = try await earlierAnswer(to: idempotency, account: account) else {
                throw CatalogError.idempotencyKeyUsed
            }
            return earlier
        } catch {
            await discard(files.compactMap(\.blob))
            throw error
        }
    }

    private func store(
        _ files: [ReceivedFile], account: AccountID, partial: Bool, idempotency: IdempotencyKey?
    ) async throws -> [UploadResult] {
        let probes = try await probe(files)
        let refusals = probes.compactMap { if case .failure(let refusal) = $0 { refusal } else { nil } }
        guard partial || refusals.isEmpty else { throw UploadError.refused(refusals) }

        let now = clock.now
        var good: [(file: IncomingFile, new: NewImage)] = []
        for (file, probe) in zip(files, probes) {
            guard case .complete(let file) = file, case .success(let properties) = probe else { continue }
            good.append(
                (
                    file,
                    NewImage(
                        id: identifiers.next(), accountID: account, contentHash: file.blob.hash,
                        properties: properties, fileName: file.fileName, metadata: file.metadata, index: file.index,
                        uploadedAt: now)
                ))
        }
        let answer = idempotency.map { key in
            var ids = good.map(\.new.id)[...]
            return IdempotentAnswer(
                key: key.key, accountID: account, fingerprint: key.fingerprint,
                results: probes.map { probe in
                    switch probe {
                    case .success: .image(ids.removeFirst())
                    case .failure(let refusal): .refused(refusal.json)
                    }
                }, createdAt: now)
        }
        var stored: ArraySlice<Image> = []
        if !good.isEmpty || answer != nil {
            stored = try await publish(good, answer: answer)[...]
            if good.contains(where: \.new.index) { backlog.wake() }
        }
        var results: [UploadResult] = []
        for (file, probe) in zip(files, probes) {
            switch probe {
            case .success: results.append(.stored(stored.removeFirst()))
            case .failure(let refusal):
                if let blob = file.blob { await blobs.discard(blob) }
                results.append(.refused(refusal))
            }
        }
        return results
    }

    /// Makes bytes durable, then rows. The hashes stay locked in between, so that a delete of the last image with
    /// the same bytes can't take them away.
    private func publish(
        _ good: [(file: IncomingFile, new: NewImage)], answer: IdempotentAnswer?
    ) async throws -> [Image] {
        let hashes = good.map(\.new.contentHash)
        return try await blobLocks.withLocks(hashes) {
            do {
                try await withThrowingTaskGroup { group in
                    for (file, _) in good {
                        group.addTask { [blobs] in try await blobs.publish(file.blob) }
                    }
                    try await group.waitForAll()
                }
                return try await catalog.insert(good.map(\.new), model: model.id, answer: answer)
            } catch {
                await removeUnreferenced(hashes)
                throw error
            }
        }
    }

    /// Removes bytes that no image refers to. The caller holds their locks. What can't be removed now is found by
    /// `imago fsck` and, where the catalog knows of it, at the next start.
    func removeUnreferenced(_ hashes: [ContentHash]) async {
        for hash in Set(hashes) {
            do {
                guard try await !catalog.isReferenced(hash) else { continue }
                try await blobs.remove(hash)
                await renditions.removeAll(of: hash)
                try await catalog.forgetBlobs([hash])
            } catch {
                logger.warning(
                    "bytes without an image stay behind", metadata: ["hash": "\(hash)", "error": "\(error)"])
            }
        }
    }

    private func earlierAnswer(to key: IdempotencyKey, account: AccountID) async throws -> [UploadResult]? {
        let since = clock.now - IdempotentAnswer.lifetime
        guard let answer = try await catalog.idempotentAnswer(key: key.key, account: account, since: since) else {
            return nil
        }
        guard answer.fingerprint == key.fingerprint else { throw UploadError.idempotencyConflict }
        let ids = answer.results.compactMap { if case .image(let id) = $0 { id } else { nil } }
        let images = Dictionary(
            try await catalog.images(ids, account: account).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }
        )
        return answer.results.enumerated().map { position, entry in
            switch entry {
            case .image(let id):
                if let image = images[id] { return .stored(image) }
                return .refused(
                    FileRefusal(
                        position: position, fileName: nil, code: "image_deleted",
                        message: "the image \(id) that this request stored has been deleted since"))
            case .refused(let json): return .refused(FileRefusal(json: json))
            }
        }
    }

    /// Looks at each file's header, a few at a time.
    private func probe(_ files: [ReceivedFile]) async throws -> [Result<ImageProperties, FileRefusal>] {
        try await withThrowingTaskGroup(of: ProbedFile.self) { group in
            var results: [Result<ImageProperties, FileRefusal>?] = Array(repeating: nil, count: files.count)
            var next = 0
            while next < files.count || !group.isEmpty {
                if next < files.count, next < 4 || group.isEmpty {
                    let position = next
                    next += 1
                    let file: IncomingFile
                    switch files[position] {
                    case .complete(let complete): file = complete
                    case .refused(let refusal):
                        results[position] = .failure(refusal)
                        continue
                    }
                    group.addTask { [reader] in
                        ProbedFile(
                            position: position, result: try await Self.probe(file, at: position, with: reader))
                    }
                } else if let probed = try await group.next() {
                    results[probed.position] = probed.result
                }
            }
            return results.map { $0! }
        }
    }

    private struct ProbedFile: Sendable {
        let position: Int
        let result: Result<ImageProperties, FileRefusal>
    }

    /// - Throws: what is no fault of the file, and may pass.
    private static func probe(
        _ file: IncomingFile, at position: Int, with reader: any ImageReading
    ) async throws -> Result<ImageProperties, FileRefusal> {
        do {
            return .success(try await reader.probe(path: file.blob.path))
        } catch {
            if error.code == .unavailable { throw error }
            return .failure(
                FileRefusal(
                    position: position, fileName: file.fileName, code: error.code.rawValue, message: error.message))
        }
    }
}

extension FileRefusal {
    /// As it stands in an answer and in a stored idempotent answer.
    public var json: JSONValue {
        var object: JSONObject = ["position": .number(JSONNumber(position))]
        if let fileName { object["file_name"] = .string(fileName) }
        object["code"] = .string(code)
        object["message"] = .string(message)
        return .object(object)
    }

    init(json: JSONValue) {
        self.init(
            position: json["position"]?.number?.int ?? 0, fileName: json["file_name"]?.string,
            code: json["code"]?.string ?? "unknown", message: json["message"]?.string ?? "")
    }
}
