import Domain
import Library
import NIOCore

/// Writes one file's bytes into the blob store as they come, up to a limit.
///
/// Small pieces are gathered, because each write is a trip to another thread.
struct FileReceiver: ~Copyable {
    private static let gathered = 128 * 1024

    private let staging: any BlobStaging
    private let limit: Int64
    private var pending: [UInt8] = []
    private var received: Int64 = 0

    init(_ library: ImageLibrary, limit: Int64) async throws {
        staging = try await library.stage()
        self.limit = limit
    }

    private var isTooLarge: Bool { received > limit }

    /// Takes more bytes. Past the limit they are counted no more and thrown away.
    mutating func write(_ bytes: ByteBufferView) async throws {
        guard !isTooLarge else { return }
        received += Int64(bytes.count)
        guard !isTooLarge else { return pending = [] }
        pending.append(contentsOf: bytes)
        if pending.count >= Self.gathered { try await flush() }
    }

    private mutating func flush() async throws {
        guard !pending.isEmpty else { return }
        let bytes = pending
        pending = []
        try await staging.write(bytes)
    }

    mutating func finish(fileName: String?) async throws -> StagedFile {
        guard received > 0 else {
            await cancel()
            return StagedFile(
                fileName: fileName,
                outcome: .refused(code: ImageReadingError.Code.unsupported.rawValue, message: "the file is empty"))
        }
        guard !isTooLarge else {
            await cancel()
            return StagedFile(
                fileName: fileName,
                outcome: .refused(
                    code: FileRefusal.fileTooLarge,
                    message: "the file is larger than \(limit) bytes, the limit for one file"))
        }
        try await flush()
        return StagedFile(fileName: fileName, outcome: .staged(try await staging.finish()))
    }

    /// Removes what was written. Runs to its end even in a task that was cancelled.
    func cancel() async {
        let staging = self.staging
        await Task { await staging.cancel() }.value
    }
}
