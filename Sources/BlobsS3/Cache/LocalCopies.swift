import BlobsFile
import Crypto
import Domain

/// Copies on this machine of blobs in the store, least recently used first to go.
///
/// A blob is fetched once however many ask for it, and is given out only after its bytes were found to have its hash:
/// when fetched, or, for a file of an earlier run, at its first use. What is in use stays, even beyond the capacity.
actor LocalCopies {
    private struct Copy {
        let size: Int64
        var isVerified: Bool
        var users = 0
        /// Tells a copy from another of the same blob, made after the first was removed.
        let generation: UInt64
    }
    /// A blob being made ready, and for how many.
    private struct Preparation {
        let task: Task<UInt64, any Error>
        var users: Int
    }

    private let files: FileBlobStore
    private let capacity: Int64
    private let fetch: @Sendable (ContentHash) async throws -> AsyncThrowingStream<[UInt8], any Error>
    private var copies: [ContentHash: Copy] = [:]
    private var preparations: [ContentHash: Preparation] = [:]
    private var removals: [ContentHash: Task<Void, Never>] = [:]
    private var unused = UseOrder()
    private var generation: UInt64 = 0
    /// Bytes of all copies but those that are larger than the capacity: they go as soon as nobody uses them.
    private(set) var total: Int64 = 0

    /// Bytes written at a time.
    private static let chunk = 256 * 1024

    init(
        files: FileBlobStore, capacity: Int64,
        fetch: @escaping @Sendable (ContentHash) async throws -> AsyncThrowingStream<[UInt8], any Error>
    ) {
        self.files = files
        self.capacity = capacity
        self.fetch = fetch
    }

    /// Takes stock of the copies that an earlier run left.
    func recover() async throws {
        for try await hash in try await files.all() {
            guard copies[hash] == nil, let size = try await files.size(of: hash) else { continue }
            insert(hash, size: size, isVerified: false, users: 0)
            if size > capacity { drop(hash) }
        }
        trim()
    }

    /// Runs `body` with a copy's path.
    /// - Throws: what fetching throws, `BlobError.unavailable` when the bytes have another hash.
    nonisolated func withCopy<Result: Sendable>(
        _ hash: ContentHash, _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        let generation = try await acquire(hash)
        do {
            let result = try await files.withLocalFile(hash, body)
            await release(hash, generation)
            return result
        } catch {
            await release(hash, generation)
            throw error
        }
    }

    /// Takes a staged file in as a copy: its bytes have just been hashed.
    func adopt(_ blob: StagedBlob) async throws {
        await removals[blob.hash]?.value
        guard blob.sizeBytes <= capacity, copies[blob.hash] == nil, preparations[blob.hash] == nil else {
            await files.discard(blob)
            return
        }
        let (hash, size) = (blob.hash, blob.sizeBytes)
        // Counts as being prepared, so that nobody fetches it meanwhile.
        let task = Task { () async throws -> UInt64 in
            do {
                try await files.publish(blob)
            } catch {
                preparations[hash] = nil
                throw error
            }
            return finish(hash, size)
        }
        preparations[hash] = Preparation(task: task, users: 0)
        _ = try await task.value
    }

    /// Drops the copy of a blob that is no more.
    func remove(_ hash: ContentHash) async throws {
        await removals[hash]?.value
        _ = try? await preparations[hash]?.task.value
        guard drop(hash) else { return }
        await removals[hash]?.value
    }

    // MARK: Use

    private func acquire(_ hash: ContentHash) async throws -> UInt64 {
        while let removal = removals[hash] { await removal.value }
        if let copy = copies[hash], copy.isVerified {
            copies[hash]?.users += 1
            unused.forget(hash)
            return copy.generation
        }
        if preparations[hash] != nil {
            preparations[hash]?.users += 1
        } else {
            preparations[hash] = Preparation(task: Task { try await prepare(hash) }, users: 1)
        }
        return try await preparations[hash]!.task.value
    }

    private func release(_ hash: ContentHash, _ generation: UInt64) {
        guard let copy = copies[hash], copy.generation == generation else { return }
        copies[hash]?.users -= 1
        guard copy.users == 1 else { return }
        guard copy.size <= capacity else {
            drop(hash)
            return
        }
        unused.use(hash)
        trim()
    }

    /// Verifies the file that there is, or fetches one.
    /// - Returns: the copy's generation; whoever waited for it counts as a user.
    private func prepare(_ hash: ContentHash) async throws -> UInt64 {
        do {
            if let copy = copies[hash] {
                unused.forget(hash)
                if try await isIntact(hash) { return finish(hash, copy.size) }
                forget(hash)
                try await files.remove(hash)
            }
            return finish(hash, try await download(hash))
        } catch {
            preparations[hash] = nil
            throw error
        }
    }

    private func finish(_ hash: ContentHash, _ size: Int64) -> UInt64 {
        let users = preparations.removeValue(forKey: hash)?.users ?? 0
        forget(hash)
        insert(hash, size: size, isVerified: true, users: users)
        defer { trim() }
        return generation
    }

    private func isIntact(_ hash: ContentHash) async throws -> Bool {
        var hasher = SHA256()
        do {
            for try await piece in try await files.read(hash, range: nil) { hasher.update(data: piece) }
        } catch is BlobError {
            return false
        }
        return ContentHash(bytes: hasher.finalize()) == hash
    }

    private nonisolated func download(_ hash: ContentHash) async throws -> Int64 {
        let stream = try await fetch(hash)
        let staging = try await files.stage()
        let blob: StagedBlob
        do {
            var held: [UInt8] = []
            for try await piece in stream {
                held += piece
                if held.count >= Self.chunk {
                    try await staging.write(held)
                    held.removeAll(keepingCapacity: true)
                }
            }
            try await staging.write(held)
            blob = try await staging.finish()
        } catch {
            await staging.cancel()
            throw error
        }
        guard blob.hash == hash else {
            await files.discard(blob)
            throw BlobError.unavailable("the S3 store's bytes of \(hash) have another hash")
        }
        try await files.publish(blob)
        return blob.sizeBytes
    }

    // MARK: Room

    private func insert(_ hash: ContentHash, size: Int64, isVerified: Bool, users: Int) {
        generation += 1
        copies[hash] = Copy(size: size, isVerified: isVerified, users: users, generation: generation)
        if size <= capacity { total += size }
        if users == 0 { unused.use(hash) }
    }

    private func forget(_ hash: ContentHash) {
        guard let copy = copies.removeValue(forKey: hash) else { return }
        if copy.size <= capacity { total -= copy.size }
        unused.forget(hash)
    }

    private func trim() {
        while total > capacity, let hash = unused.popOldest() { drop(hash) }
    }

    /// Forgets a copy and removes its file; `removals` has the task that does.
    @discardableResult
    private func drop(_ hash: ContentHash) -> Bool {
        guard copies[hash] != nil else { return false }
        forget(hash)
        removals[hash] = Task {
            try? await files.remove(hash)
            removals[hash] = nil
        }
        return true
    }
}
