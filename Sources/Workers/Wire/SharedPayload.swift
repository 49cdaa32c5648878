import CSandbox

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Memory that a worker writes and the server reads. Its size can't change, so that neither can be made to read past
/// its end; what is in it may change at any time, so the server copies first and looks then.
final class SharedPayload {
    let size: Int
    let descriptor: Int32
    private let start: UnsafeMutableRawPointer

    /// The server's side: makes the memory. Pages that nobody wrote to cost nothing.
    convenience init(size: Int) throws(SystemError) {
        let descriptor = imago_shared_memory(size)
        guard descriptor >= 0 else { throw .last("memfd_create") }
        try self.init(adopting: descriptor, size: size, access: PROT_READ)
    }

    /// The worker's side.
    convenience init(receiving descriptor: Int32, size: Int) throws(SystemError) {
        try self.init(adopting: descriptor, size: size, access: PROT_READ | PROT_WRITE)
    }

    private init(adopting descriptor: Int32, size: Int, access: Int32) throws(SystemError) {
        let start = mmap(nil, size, access, MAP_SHARED, descriptor, 0)
        guard let start, start != MAP_FAILED else {
            let error = SystemError.last("mmap")
            close(descriptor)
            throw error
        }
        (self.start, self.size, self.descriptor) = (start, size, descriptor)
    }

    deinit {
        munmap(start, size)
        close(descriptor)
    }

    /// A copy of its beginning.
    /// - Precondition: `count` elements fit.
    func copy<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) -> [Element] {
        precondition(count * MemoryLayout<Element>.stride <= size)
        return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: start, count: count * MemoryLayout<Element>.stride))
            filled = count
        }
    }

    /// Writes its beginning. Nil when there is too much.
    func write<Element: BitwiseCopyable>(_ values: [Element]) -> Int? {
        values.withUnsafeBytes { bytes in
            guard bytes.count <= size else { return nil }
            UnsafeMutableRawBufferPointer(start: start, count: size).copyMemory(from: bytes)
            return bytes.count
        }
    }

    /// Gives the pages back to the system; they read as zeros afterwards. For the side that may write.
    func clear() {
        #if canImport(Glibc)
            madvise(start, size, MADV_REMOVE)
        #endif
    }
}
