import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The system calls a blob store makes, so that tests can make any of them fail.
///
/// Each throws `FileSystemError` with the call's `errno`.
protocol FileSystem: Sendable {
    func makeFolder(_ path: String) throws(FileSystemError)
    /// A new file for writing, mode 0600; it must not exist.
    func create(_ path: String) throws(FileSystemError) -> Int32
    func openForReading(_ path: String) throws(FileSystemError) -> Int32
    func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileSystemError)
    /// Up to the buffer's size from an offset; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int64)
        throws(FileSystemError) -> Int
    func size(of path: String) throws(FileSystemError) -> Int64
    /// Flushes a file, or a folder's list of names, to the device.
    func synchronize(_ path: String) throws(FileSystemError)
    func rename(_ path: String, to target: String) throws(FileSystemError)
    func remove(_ path: String) throws(FileSystemError)
    /// Names in a folder, without `.` and `..`.
    func names(in folder: String) throws(FileSystemError) -> [String]
    func close(_ descriptor: Int32)
}

struct FileSystemError: Error, Sendable {
    let call: String
    let code: Int32

    var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// For the store's callers; the text is for the log and names no path.
    var blobError: BlobError {
        code == ENOSPC || code == EDQUOT
            ? .storeFull : .unavailable("\(call): \(String(cString: strerror(code)))")
    }
}

/// The real thing.
struct LocalFileSystem: FileSystem {
    func makeFolder(_ path: String) throws(FileSystemError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileSystemError(call: "mkdir", code: errno) }
    }

    func create(_ path: String) throws(FileSystemError) -> Int32 {
        try checked("open") { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600) }
    }

    func openForReading(_ path: String) throws(FileSystemError) -> Int32 {
        try checked("open") { open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    }

    func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileSystemError) {
        var start = 0
        while start < bytes.count {
            start += try checked("write") {
                bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start) }
            }
        }
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int64
    ) throws(FileSystemError) -> Int {
        try checked("pread") { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    func size(of path: String) throws(FileSystemError) -> Int64 {
        var status = stat()
        _ = try checked("stat") { lstat(path, &status) }
        return Int64(status.st_size)
    }

    func synchronize(_ path: String) throws(FileSystemError) {
        let descriptor = try checked("open") { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        _ = try checked("fsync") { fsync(descriptor) }
    }

    func rename(_ path: String, to target: String) throws(FileSystemError) {
        _ = try checked("rename") { Glibc.rename(path, target) }
    }

    func remove(_ path: String) throws(FileSystemError) {
        _ = try checked("unlink") { unlink(path) }
    }

    func names(in folder: String) throws(FileSystemError) -> [String] {
        guard let handle = opendir(folder) else { throw FileSystemError(call: "opendir", code: errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Repeats a call that a signal interrupted, and throws where it failed.
    private func checked<Value: SignedInteger>(
        _ call: String, _ body: () -> Value
    ) throws(FileSystemError) -> Value {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw FileSystemError(call: call, code: errno) }
        }
    }
}
