import Crypto
import Domain
import Synchronization

/// A blob being written to a temporary file, hashed as the bytes come.
final class FileStaging: BlobStaging {
    private struct State {
        var descriptor: Int32?
        var hash = SHA256()
        var size: Int64 = 0
        var finished = false
    }
    private let path: String
    private let store: FileBlobStore
    private let state: Mutex<State>

    init(path: String, descriptor: Int32, store: FileBlobStore) {
        self.path = path
        self.store = store
        state = Mutex(State(descriptor: descriptor))
    }

    deinit {
        if let descriptor = state.withLock({ $0.descriptor }) { store.files.close(descriptor) }
    }

    func write(_ bytes: [UInt8]) async throws {
        try await store.onThread { [self] in
            try state.withLock { state in
                guard let descriptor = state.descriptor else {
                    throw BlobError.unavailable("written to after its end")
                }
                try store.files.write(bytes, to: descriptor)
                state.hash.update(data: bytes)
                state.size += Int64(bytes.count)
            }
        }
    }

    func finish() async throws -> StagedBlob {
        try await store.onThread { [self] in
            try state.withLock { state in
                guard let descriptor = state.descriptor else { throw BlobError.unavailable("ended twice") }
                store.files.close(descriptor)
                state.descriptor = nil
                state.finished = true
                return StagedBlob(
                    hash: ContentHash(bytes: state.hash.finalize())!, sizeBytes: state.size, path: path)
            }
        }
    }

    func cancel() async {
        _ = try? await store.onThread { [self] in
            let mustRemove = state.withLock { state in
                if let descriptor = state.descriptor { store.files.close(descriptor) }
                state.descriptor = nil
                defer { state.finished = true }
                return !state.finished
            }
            if mustRemove { try store.files.remove(path) }
        }
    }
}
