import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Makes the file if there is none and lets nobody but its owner read it. SQLite gives the write-ahead log and the
/// shared memory beside it the same mode.
func createPrivateFile(at path: String) throws(CatalogError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
        throw errno == ENOSPC ? .storeFull : .unavailable("can't open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    guard fchmod(descriptor, 0o600) == 0 else {
        throw .unavailable("can't set the mode of \(path): \(String(cString: strerror(errno)))")
    }
}
