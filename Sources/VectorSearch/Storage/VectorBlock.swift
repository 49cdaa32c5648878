#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Half-precision vectors, one after the other. In a mapped file where there is a folder, so that the page cache may
/// drop them; in plain memory otherwise, for small blocks, and when the disk is full.
///
/// `@unchecked Sendable`: a vector is written once, before its slot is published under the shard's lock, and only read
/// from then on.
final class VectorBlock: @unchecked Sendable {
    /// A location has sixteen bits for the place in its block.
    static let maximumCapacity = 1 << 16
    private static let smallestFile = 1 << 20

    let vectors: UnsafeMutablePointer<UInt16>
    let capacity: Int
    /// False when it had to go to plain memory although a folder was given.
    let isMapped: Bool
    private let bytes: Int
    private let owner: MappedFile?

    init(capacity: Int, dimension: Int, folder: String?) {
        precondition(capacity <= Self.maximumCapacity)
        self.capacity = capacity
        bytes = capacity * dimension * 2
        owner = nil
        if let folder, bytes >= Self.smallestFile, let memory = Self.mapTemporary(bytes: bytes, folder: folder) {
            vectors = memory.assumingMemoryBound(to: UInt16.self)
            isMapped = true
        } else {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            vectors = memory.bindMemory(to: UInt16.self, capacity: bytes / 2)
            isMapped = false
        }
    }

    /// Vectors in a mapped file that stays open as long as the block. Never written.
    init(capacity: Int, dimension: Int, file: MappedFile, offset: Int) {
        self.capacity = capacity
        bytes = capacity * dimension * 2
        owner = file
        isMapped = true
        vectors = UnsafeMutableRawPointer(mutating: file.base + offset).assumingMemoryBound(to: UInt16.self)
    }

    deinit {
        if owner != nil { return }
        if isMapped { munmap(vectors, bytes) } else { UnsafeMutableRawPointer(vectors).deallocate() }
    }

    /// A shared mapping of a nameless file. Nil when it can't be had. The room is taken beforehand, because a write to
    /// a mapping that finds the disk full kills the process.
    private static func mapTemporary(bytes: Int, folder: String) -> UnsafeMutableRawPointer? {
        var template = Array("\(folder)/vectors-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return nil }
        defer { close(file) }
        unlink(template)
        guard posix_fallocate(file, 0, off_t(bytes)) == 0 else { return nil }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        return memory == MAP_FAILED ? nil : memory
    }
}

/// A file mapped for reading.
///
/// `@unchecked Sendable`: constant after `init`.
final class MappedFile: @unchecked Sendable {
    let base: UnsafeRawPointer
    let count: Int

    /// Nil when there is no such file, or it is empty or can't be mapped.
    init?(path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0 else { return nil }
        count = Int(status.st_size)
        guard let memory = mmap(nil, count, PROT_READ, MAP_SHARED, file, 0), memory != MAP_FAILED else { return nil }
        base = UnsafeRawPointer(memory)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: base), count) }
}
