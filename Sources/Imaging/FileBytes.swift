import Domain

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file's bytes in memory of our own, freed with the object.
///
/// Read rather than mapped: a file that another process cuts short would end this one with a bus error.
final class FileBytes {
    private let memory: UnsafeMutableRawBufferPointer
    /// What a decoder is shown; the start of the memory.
    private(set) var bytes: UnsafeRawBufferPointer
    /// The file's size.
    let sizeBytes: Int64

    convenience init(path: String, limits: ImagingLimits) throws(ImageReadingError) {
        // Non-blocking, so that opening a named pipe returns instead of waiting for a writer.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Self.unreadable(errno) }
        defer { close(file) }
        try self.init(descriptor: file, limits: limits)
    }

    /// - Parameter file: open for reading, at its start; it stays open.
    init(descriptor file: Int32, limits: ImagingLimits) throws(ImageReadingError) {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Self.unreadable(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unavailable("The image's file is no regular file.")
        }
        try limits.check(bytes: Int64(status.st_size))
        let count = Int(status.st_size)
        guard let start = malloc(max(1, count)) else { throw .outOfMemory() }
        var filled = 0
        while filled < count {
            let got = read(file, start + filled, count - filled)
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else {
                let reason = got < 0 ? errno : EIO
                free(start)
                throw Self.unreadable(reason)
            }
            filled += got
        }
        memory = UnsafeMutableRawBufferPointer(start: start, count: count)
        bytes = UnsafeRawBufferPointer(memory)
        sizeBytes = Int64(count)
    }

    /// Bytes that are in memory already.
    init(copying source: [UInt8]) throws(ImageReadingError) {
        guard let start = malloc(max(1, source.count)) else { throw .outOfMemory() }
        memory = UnsafeMutableRawBufferPointer(start: start, count: source.count)
        memory.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(memory)
        sizeBytes = Int64(source.count)
    }

    deinit { free(memory.baseAddress) }

    /// Edits the copy; the file stays as it is.
    func edit(_ body: (UnsafeMutableRawBufferPointer) -> Int) {
        bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(body(memory)))
    }

    private static func unreadable(_ reason: Int32) -> ImageReadingError {
        .unavailable("The image's file could not be read.", detail: String(cString: strerror(reason)))
    }
}
