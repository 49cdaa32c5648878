#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files of settings and tokens, read whole. Blocks.
enum SmallFile {
    static let largest = 1 << 20

    /// Nil when there is no such file.
    /// - Throws: `CredentialsError` when there is one that can't be read, is too large or is no text.
    static func text(_ path: String) throws -> String? {
        // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw CredentialsError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var reason: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
                repeat { count = read(descriptor, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
                if count < 0 {
                    reason = errno
                    count = 0
                }
            }
            guard reason == 0 else { throw CredentialsError("\(path): \(String(cString: strerror(reason)))") }
            if piece.isEmpty { break }
            bytes += piece
            guard bytes.count <= largest else { throw CredentialsError("\(path) is larger than a settings file is") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CredentialsError("\(path) is no text") }
        return text
    }
}
