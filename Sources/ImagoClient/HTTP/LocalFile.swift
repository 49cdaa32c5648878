import Crypto
import Domain
import Foundation
import NIOCore
import NIOPosix

/// A file open for reading, closed with its last reference. Reads happen on threads that may block.
///
/// `@unchecked Sendable`: the descriptor is set once and read with `pread`, which moves no shared position.
final class LocalFile: @unchecked Sendable {
    /// What tells whether a file is still the one it was.
    struct Stamp: Sendable, Hashable {
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    let stamp: Stamp
    private let descriptor: Int32
    private static let chunkSize = 256 << 10

    private init(descriptor: Int32, stamp: Stamp) {
        self.descriptor = descriptor
        self.stamp = stamp
    }

    deinit { close(descriptor) }

    /// - Throws: `ClientError` of kind `.localFile` when it can't be opened or is no regular file.
    static func open(_ path: String) async throws -> LocalFile {
        try await NIOThreadPool.singleton.runIfActive {
            // O_NONBLOCK keeps a named pipe from waiting for its writer; a regular file does not care.
            let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw ClientError(.localFile, reason(errno)) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw ClientError(.localFile, "not a file")
            }
            return LocalFile(
                descriptor: descriptor,
                stamp: Stamp(
                    size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
                    nanoseconds: status.st_mtim.tv_nsec))
        }
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "no such file"
        case EACCES, EPERM: "not readable: permission denied"
        case EMFILE, ENFILE: "too many files are open"
        default: "can't be opened: \(String(cString: strerror(code)))"
        }
    }

    /// Up to `limit` bytes from `offset`; none at the end of the file.
    func read(from offset: Int64, limit: Int = LocalFile.chunkSize) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { try self.readNow(from: offset, limit: limit) }
    }

    /// SHA-256 of the whole file, and its first bytes, by which its format is known.
    func digest(head: Int) async throws -> (hash: ContentHash, head: [UInt8]) {
        try await NIOThreadPool.singleton.runIfActive {
            var hasher = SHA256()
            var first: [UInt8] = []
            var offset: Int64 = 0
            while true {
                let chunk = try self.readNow(from: offset, limit: Self.chunkSize)
                guard chunk.readableBytes > 0 else { break }
                if offset == 0 { first = Array(chunk.readableBytesView.prefix(head)) }
                chunk.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
                offset += Int64(chunk.readableBytes)
            }
            return (ContentHash(bytes: hasher.finalize())!, first)
        }
    }

    private func readNow(from offset: Int64, limit: Int) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        var failed = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { target in
            while true {
                let count = pread(descriptor, target.baseAddress, min(limit, target.count), off_t(offset))
                if count < 0, errno == EINTR { continue }
                failed = count < 0
                return max(0, count)
            }
        }
        guard !failed else { throw ClientError(.localFile, "can't be read to its end") }
        return buffer
    }
}
