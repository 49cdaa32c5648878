import Domain
import Synchronization

/// An open blob, read piece by piece; closes when it is let go.
final class FileReader: Sendable {
    private let descriptor: Int32
    private let files: any FileSystem
    private let rest: Mutex<Range<Int64>>

    init(descriptor: Int32, files: any FileSystem, range: Range<Int64>) {
        self.descriptor = descriptor
        self.files = files
        rest = Mutex(range)
    }

    deinit { files.close(descriptor) }

    /// The next piece; nil at the end of the range.
    /// - Throws: `BlobError.unavailable` when the file ends before the range does.
    func next() throws -> [UInt8]? {
        try rest.withLock { rest in
            guard !rest.isEmpty else { return nil }
            let wanted = min(rest.count, FileBlobStore.chunk)
            let offset = rest.lowerBound
            var failure: FileSystemError?
            let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                do throws(FileSystemError) {
                    count = try files.read(into: UnsafeMutableRawBufferPointer(buffer), from: descriptor, at: offset)
                } catch { failure = error }
            }
            if let failure { throw failure }
            guard !bytes.isEmpty else { throw BlobError.unavailable("a blob is shorter than it was") }
            rest = (offset + Int64(bytes.count))..<rest.upperBound
            return bytes
        }
    }
}

/// Every hash in the store, folder by folder, so that memory stays small however many there are.
final class HashWalk: Sendable {
    private struct State {
        var firstLevel: ArraySlice<String>
        var secondLevel: ArraySlice<String> = []
        var hashes: ArraySlice<ContentHash> = []
    }
    private let state: Mutex<State>
    private let root: String
    private let files: any FileSystem

    init(firstLevel: [String], root: String, files: any FileSystem) {
        state = Mutex(State(firstLevel: firstLevel[...]))
        self.root = root
        self.files = files
    }

    func next() throws -> ContentHash? {
        try state.withLock { state in
            while true {
                if let hash = state.hashes.popFirst() { return hash }
                if let folder = state.secondLevel.popFirst() {
                    state.hashes = try files.names(in: folder).compactMap { ContentHash(hex: $0) }.sorted()[...]
                } else if let name = state.firstLevel.popFirst() {
                    state.secondLevel = try files.names(in: "\(root)/\(name)").sorted().map { "\(root)/\(name)/\($0)" }[
                        ...]
                } else {
                    return nil
                }
            }
        }
    }
}
