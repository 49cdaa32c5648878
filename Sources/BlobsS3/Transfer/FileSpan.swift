import Crypto
import Domain
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A part of a local file, brought into memory to be sent.
enum FileSpan {
    /// The bytes of a range and their SHA-256.
    /// - Parameter hash: theirs, when it is known already.
    /// - Throws: `BlobError.unavailable` when the file can't be read or is shorter.
    static func read(
        _ path: String, _ range: Range<Int64>, hash: ContentHash? = nil
    ) async throws -> (bytes: ByteBuffer, hash: ContentHash) {
        try await NIOThreadPool.singleton.runIfActive {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { throw unreadable("open", errno) }
            defer { close(descriptor) }
            var buffer = ByteBuffer()
            buffer.reserveCapacity(range.count)
            var reason: Int32 = 0
            while buffer.readableBytes < range.count, reason == 0 {
                let missing = range.count - buffer.readableBytes
                let offset = range.lowerBound + Int64(buffer.readableBytes)
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { target in
                    while true {
                        let count = pread(descriptor, target.baseAddress, missing, off_t(offset))
                        if count < 0, errno == EINTR { continue }
                        // The end before its time: the file is not what it was.
                        reason = count < 0 ? errno : count == 0 ? EIO : 0
                        return max(0, count)
                    }
                }
            }
            guard reason == 0 else { throw unreadable("pread", reason) }
            if let hash { return (buffer, hash) }
            let digest = buffer.withUnsafeReadableBytes { bytes in
                var hasher = SHA256()
                hasher.update(bufferPointer: bytes)
                return hasher.finalize()
            }
            return (buffer, ContentHash(bytes: digest)!)
        }
    }

    private static func unreadable(_ call: String, _ reason: Int32) -> BlobError {
        .unavailable("a staged blob: \(call): \(String(cString: strerror(reason)))")
    }
}
