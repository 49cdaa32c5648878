import Crypto
import Domain
import Foundation

/// Small file-system steps of the store, each with an error that a person understands.
enum Disk {
    static func failure(_ doing: String, _ error: any Error) -> ModelStoreError {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        let reason =
            cause.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(cause.code))) : cause.localizedDescription
        return ModelStoreError(.folderFailed, "\(doing): \(reason)")
    }

    static func makeFolder(_ path: String) throws(ModelStoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw failure("the folder \(path) can't be made", error) }
    }

    static func remove(_ path: String) throws(ModelStoreError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch { throw failure("\(path) can't be removed", error) }
    }

    static func write(_ bytes: [UInt8], to path: String) throws(ModelStoreError) {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
            try synchronize(path)
        } catch let error as ModelStoreError {
            throw error
        } catch { throw failure("\(path) can't be written", error) }
    }

    /// Renames; what is at the target is replaced if it is a file, and must not be there if it is a folder.
    static func move(_ path: String, to target: String) throws(ModelStoreError) {
        guard rename(path, target) == 0 else {
            throw ModelStoreError(.folderFailed, "\(target) can't be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Flushes a file, or a folder's list of names, to the device.
    static func synchronize(_ path: String) throws(ModelStoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ModelStoreError(.folderFailed, "\(path) can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw ModelStoreError(.folderFailed, "\(path) can't be flushed: \(String(cString: strerror(errno)))")
        }
    }

    /// Size, SHA-256 and Git's own SHA-1 of a file's content.
    static func digest(_ path: String) throws(ModelStoreError) -> FileDigest {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ModelStoreError(.folderFailed, "\(path) can't be read")
        }
        defer { try? file.close() }
        do {
            let size = try file.seekToEnd()
            try file.seek(toOffset: 0)
            var sha256 = SHA256()
            // Git names content by SHA-1 of a header and the content. It guards against accidents, not against malice.
            var git = Insecure.SHA1()
            git.update(data: Data("blob \(size)\0".utf8))
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                sha256.update(data: piece)
                git.update(data: piece)
            }
            return FileDigest(
                bytes: Int(size), sha256: ContentHash(bytes: sha256.finalize())!.hex,
                git: git.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
        } catch { throw failure("\(path) can't be read", error) }
    }
}

struct FileDigest: Sendable, Hashable {
    let bytes: Int
    let sha256: String
    let git: String
}
