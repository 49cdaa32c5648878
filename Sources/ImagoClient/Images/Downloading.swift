import Crypto
import Domain
import Foundation
import NIOCore
import NIOPosix

extension ImagoClient {
    /// Reads an image's bytes, as they were uploaded, a piece at a time. Not tried again once the first has come.
    public func content(of id: ImageID, _ receive: @Sendable (ByteBuffer) async throws -> Void) async throws {
        var request = Request(.GET, "/v1/images/\(id)/content")
        request.headers = [("accept", "*/*")]
        let response = try await transport.retrying { try await transport.open(request) }
        do {
            for try await chunk in response.body { try await receive(chunk) }
        } catch {
            throw try TransportFailure.clientError(for: error, address: configuration.address)
        }
    }

    /// Saves an image's bytes under `path`, whole or not at all.
    /// - Parameter expected: what their SHA-256 must be.
    /// - Returns: the count of bytes.
    public func save(_ id: ImageID, to path: String, expecting expected: ContentHash?) async throws -> Int64 {
        let partial = try PartialFile(beside: path)
        try await content(of: id) { chunk in try await partial.write(chunk) }
        return try await partial.finish(expecting: expected)
    }
}

/// A download under way: a hidden file beside its target, renamed when it is whole and removed when it never is.
///
/// `@unchecked Sendable`: its state is touched by one task at a time, which awaits each write before the next.
private final class PartialFile: @unchecked Sendable {
    private let target: String
    private let path: String
    private let descriptor: Int32
    private var hasher = SHA256()
    private var count: Int64 = 0
    private var isFinished = false

    init(beside target: String) throws {
        self.target = target
        let url = URL(fileURLWithPath: target)
        path =
            url.deletingLastPathComponent().path
            + "/.\(url.lastPathComponent).\(UInt32.random(in: .min ... .max)).part"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ClientError(.localFile, "can't write \(target): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(path) }
    }

    func write(_ chunk: ByteBuffer) async throws {
        chunk.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
        count += Int64(chunk.readableBytes)
        try await NIOThreadPool.singleton.runIfActive { [self] in
            try chunk.withUnsafeReadableBytes { bytes in
                var rest = bytes
                while !rest.isEmpty {
                    let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                    if written < 0, errno == EINTR { continue }
                    guard written >= 0 else {
                        throw ClientError(.localFile, "can't write \(target): \(String(cString: strerror(errno)))")
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }

    func finish(expecting expected: ContentHash?) async throws -> Int64 {
        if let expected, ContentHash(bytes: hasher.finalize()) != expected {
            throw ClientError(.malformedAnswer, "the bytes that came are not the image's: their SHA-256 differs")
        }
        try await NIOThreadPool.singleton.runIfActive { [self] in
            guard rename(path, target) == 0 else {
                throw ClientError(.localFile, "can't write \(target): \(String(cString: strerror(errno)))")
            }
        }
        isFinished = true
        return count
    }
}
