import Crypto
import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a model, whose folder may come from anywhere: links are not followed, sizes are checked before reading.
struct ModelFolder {
    let path: String
    private static let largestManifest = 1 << 20

    func manifest() throws(ModelError) -> [UInt8] {
        let file: PlainFile
        do throws(SystemFailure) {
            file = try PlainFile(path: path + "/manifest.json")
        } catch {
            throw ModelError(
                code: .manifestMissing, message: "The model folder has no readable manifest.json.",
                detail: "\(path): \(error.reason)")
        }
        guard file.size <= Self.largestManifest else {
            throw .manifest("The model manifest is larger than \(Self.largestManifest) bytes.")
        }
        return try read("manifest.json") { () throws(SystemFailure) in try file.readAll() }
    }

    /// The whole of a small file.
    func contents(of name: String, limit: Int) throws(ModelError) -> [UInt8] {
        let file = try open(name)
        guard file.size <= limit else {
            throw ModelError(
                code: .fileInvalid, message: "The model's file \(name) is larger than \(limit) bytes.")
        }
        return try read(name) { () throws(SystemFailure) in try file.readAll() }
    }

    /// Compares a file with what the manifest says of it.
    func check(_ name: String, _ record: ModelManifest.FileRecord, hash: Bool) throws(ModelError) {
        let file = try open(name)
        guard file.size == record.bytes else {
            throw ModelError(
                code: .fileChanged,
                message: "The model's file \(name) has \(file.size) bytes where the manifest says \(record.bytes).")
        }
        guard hash else { return }
        let digest = try read(name) { () throws(SystemFailure) in
            var state = SHA256()
            while let piece = try file.next() { state.update(data: piece) }
            return ContentHash(bytes: state.finalize())
        }
        guard digest?.hex == record.sha256 else {
            throw ModelError(
                code: .fileChanged, message: "The model's file \(name) does not have the SHA-256 the manifest says.")
        }
    }

    private func open(_ name: String) throws(ModelError) -> PlainFile {
        do throws(SystemFailure) {
            return try PlainFile(path: "\(path)/\(name)")
        } catch {
            throw ModelError(
                code: .fileMissing, message: "The model's file \(name) is missing or is no plain file.",
                detail: error.reason)
        }
    }

    private func read<Value>(_ name: String, _ body: () throws(SystemFailure) -> Value) throws(ModelError) -> Value {
        do throws(SystemFailure) {
            return try body()
        } catch {
            throw ModelError(
                code: .fileMissing, message: "The model's file \(name) could not be read.", detail: error.reason)
        }
    }
}

private struct SystemFailure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
    init() { reason = String(cString: strerror(errno)) }
}

/// A regular file open for reading, closed with the last reference.
private final class PlainFile {
    private let descriptor: Int32
    let size: Int

    init(path: String) throws(SystemFailure) {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFailure() }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemFailure("not a regular file")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The next piece; nil at the end.
    func next() throws(SystemFailure) -> [UInt8]? {
        let piece = 1 << 20
        let bytes = [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, piece))
        }
        // `read` leaves errno alone when it succeeds, so the two kinds of nothing are told apart by the position.
        guard bytes.isEmpty else { return bytes }
        guard lseek(descriptor, 0, SEEK_CUR) == Int64(size) else { throw SystemFailure("shorter than its size") }
        return nil
    }

    func readAll() throws(SystemFailure) -> [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(size)
        while let piece = try next() { all += piece }
        return all
    }
}
