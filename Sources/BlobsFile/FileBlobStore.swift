import Crypto
import Domain
import NIOPosix

/// Bytes as files under their hash: `blobs/ab/cd/<64 hex digits>`, beside `tmp/` for what is still arriving.
///
/// A blob is complete or not there: it is written elsewhere, flushed, renamed into place, and its folder flushed.
/// File calls run on threads of the store's own. One process at a time owns the folder.
public final class FileBlobStore: BlobStore {
    let files: any FileSystem
    let threads: NIOThreadPool
    let blobs: String
    let temporaries: String
    /// Bytes read at a time.
    static let chunk = 256 * 1024

    /// Makes the folders where they are missing. Blocks while it does; call it at start.
    /// - Throws: `BlobError`
    public convenience init(folder: String, threads: Int = 8) throws(BlobError) {
        try self.init(folder: folder, threads: threads, files: LocalFileSystem())
    }

    init(folder: String, threads: Int, files: any FileSystem) throws(BlobError) {
        self.files = files
        blobs = folder + "/blobs"
        temporaries = folder + "/tmp"
        self.threads = NIOThreadPool(numberOfThreads: threads)
        do throws(FileSystemError) {
            for path in [folder, blobs, temporaries] { try files.makeFolder(path) }
            try files.synchronize(folder)
        } catch { throw error.blobError }
        self.threads.start()
    }

    deinit { threads.shutdownGracefully { _ in } }

    func folders(of hash: ContentHash) -> [String] {
        let hex = hash.hex
        let first = "\(blobs)/\(hex.prefix(2))"
        return [first, "\(first)/\(hex.dropFirst(2).prefix(2))"]
    }

    func path(of hash: ContentHash) -> String { "\(folders(of: hash)[1])/\(hash.hex)" }

    /// Runs file calls on the store's threads.
    func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await threads.runIfActive(body)
        } catch let error as FileSystemError {
            throw error.blobError
        }
    }

    public func stage() async throws -> any BlobStaging {
        let path = "\(temporaries)/\(UInt64.random(in: .min ... .max)).part"
        return FileStaging(
            path: path, descriptor: try await onThread { [files] in try files.create(path) }, store: self)
    }

    public func publish(_ blob: StagedBlob) async throws {
        let folders = folders(of: blob.hash)
        let target = path(of: blob.hash)
        try await onThread { [files, blobs] in
            if (try? files.size(of: target)) == blob.sizeBytes {
                // There already, but perhaps by a rename whose folder was never flushed.
                try files.synchronize(folders[1])
                try files.remove(blob.path)
                return
            }
            try files.synchronize(blob.path)
            try files.makeFolder(folders[0])
            try files.makeFolder(folders[1])
            try files.rename(blob.path, to: target)
            try files.synchronize(folders[1])
            try files.synchronize(folders[0])
            try files.synchronize(blobs)
        }
    }

    public func discard(_ blob: StagedBlob) async {
        _ = try? await onThread { [files] in try files.remove(blob.path) }
    }

    public func size(of hash: ContentHash) async throws -> Int64? {
        let path = path(of: hash)
        return try await onThread { [files] in
            do throws(FileSystemError) {
                return try files.size(of: path)
            } catch  where error.isMissing {
                return nil
            }
        }
    }

    public func read(
        _ hash: ContentHash, range: Range<Int64>?
    ) async throws -> AsyncThrowingStream<[UInt8], any Error> {
        let path = path(of: hash)
        let reader = try await onThread { [files] in
            do throws(FileSystemError) {
                let size = try files.size(of: path)
                return FileReader(
                    descriptor: try files.openForReading(path), files: files,
                    range: range.map { $0.clamped(to: 0..<size) } ?? 0..<size)
            } catch {
                if error.isMissing { throw BlobError.notFound(hash) }
                throw error
            }
        }
        // Unfolding reads a piece when it is asked for, never ahead; the file closes with the last reference.
        return AsyncThrowingStream { [self] in try await onThread { try reader.next() } }
    }

    public func withLocalFile<Result: Sendable>(
        _ hash: ContentHash, _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        guard try await size(of: hash) != nil else { throw BlobError.notFound(hash) }
        return try await body(path(of: hash))
    }

    public func remove(_ hash: ContentHash) async throws {
        let path = path(of: hash)
        let folder = folders(of: hash)[1]
        try await onThread { [files] in
            do throws(FileSystemError) {
                try files.remove(path)
                try files.synchronize(folder)
            } catch  where error.isMissing {}
        }
    }

    public func all() async throws -> AsyncThrowingStream<ContentHash, any Error> {
        let first = try await onThread { [files, blobs] in try files.names(in: blobs).sorted() }
        let walk = HashWalk(firstLevel: first, root: blobs, files: files)
        return AsyncThrowingStream { [self] in try await onThread { try walk.next() } }
    }

    public func sweepTemporaries() async throws -> Int {
        try await onThread { [files, temporaries] in
            let names = try files.names(in: temporaries)
            for name in names { try files.remove("\(temporaries)/\(name)") }
            return names.count
        }
    }

    public func check() async throws {
        let staging = try await stage()
        do {
            try await staging.write([0])
        } catch {
            await staging.cancel()
            throw error
        }
        await staging.cancel()
    }
}
