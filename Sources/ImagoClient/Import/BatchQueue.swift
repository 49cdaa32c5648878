import Synchronization

/// Hands out files in batches, in their order. The cut is a matter of the files alone, so that an import run again
/// makes the same requests.
final class BatchQueue: Sendable {
    private let rest: Mutex<ArraySlice<FoundFile>>
    private let maximumFiles: Int
    private let maximumBytes: Int64

    init(_ files: [FoundFile], files maximumFiles: Int, bytes maximumBytes: Int64) {
        rest = Mutex(files[...])
        self.maximumFiles = max(1, maximumFiles)
        self.maximumBytes = maximumBytes
    }

    /// Nil when there are none left.
    func next() -> [FoundFile]? {
        rest.withLock { rest in
            var batch: [FoundFile] = []
            var bytes: Int64 = 0
            while batch.count < maximumFiles, let file = rest.first {
                guard batch.isEmpty || bytes + file.size <= maximumBytes else { break }
                batch.append(rest.removeFirst())
                bytes += file.size
            }
            return batch.isEmpty ? nil : batch
        }
    }
}
