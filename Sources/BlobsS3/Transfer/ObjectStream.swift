import AsyncHTTPClient
import Crypto
import Domain
import NIOCore
import NIOHTTP1
import Synchronization

/// An object's bytes, read as they are asked for. Where a connection breaks, another goes on from there.
///
/// `@unchecked Sendable`: only `next` touches the state, and `isBusy` lets one call of it in at a time.
final class ObjectStream: @unchecked Sendable {
    private let client: S3Client
    private let key: String
    /// Of the whole object, when the whole is read: then the last piece is given out once it fits.
    private let hash: ContentHash?

    private let isBusy = Atomic(false)
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var offset: Int64
    private var end: Int64
    private var hasher = SHA256()
    private var history = S3RetryPolicy.History()

    /// Opens an object.
    /// - Parameters:
    ///   - range: not empty and from 0; nil for the whole. What lies behind the object's end is left out.
    ///   - hash: checked when the whole is read.
    /// - Throws: `S3Failure`
    init(_ client: S3Client, key: String, range: Range<Int64>?, hash: ContentHash?) async throws {
        self.client = client
        self.key = key
        self.hash = range == nil ? hash : nil
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? .max
        do {
            end = try await connect()
        } catch let failure as S3Failure where failure.status == 416 {
            end = offset
        }
    }

    /// The next piece; nil at the end.
    /// - Throws: `S3Failure`, `BlobError.unavailable` when the bytes are not those of the hash.
    func next() async throws -> [UInt8]? {
        guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            throw BlobError.unavailable("a blob is read by two tasks at once")
        }
        defer { isBusy.store(false, ordering: .releasing) }
        guard offset < end else {
            if offset == 0 { try verify() }
            return nil
        }
        while true {
            if body == nil {
                guard try await connect() == end else {
                    throw S3Failure(.malformedAnswer, "an object changed while it was read")
                }
            }
            do {
                guard let piece = try await body?.next() else {
                    throw S3Failure(.connectionLost, "an object ended early")
                }
                guard piece.readableBytes > 0 else { continue }
                history = S3RetryPolicy.History()
                return try accept(piece)
            } catch {
                body = nil
                let failure = try TransportFailure.failure(for: error)
                guard
                    let delay = client.configuration.retry.delay(
                        after: failure, history: &history, random: client.configuration.random())
                else { throw failure }
                try await client.configuration.sleep(delay)
            }
        }
    }

    private func accept(_ piece: ByteBuffer) throws -> [UInt8] {
        // A store that knows no ranges sends more than was asked for.
        let bytes = Array(piece.readableBytesView.prefix(Int(clamping: end - offset)))
        offset += Int64(bytes.count)
        if hash != nil { hasher.update(data: bytes) }
        if offset == end {
            body = nil
            try verify()
        }
        return bytes
    }

    private func verify() throws {
        guard let hash, ContentHash(bytes: hasher.finalize()) != hash else { return }
        throw BlobError.unavailable("the S3 store's bytes of \(hash) have another hash")
    }

    /// Asks for the rest.
    /// - Returns: where it ends.
    private func connect() async throws -> Int64 {
        var request = S3Request("GetObject", .GET, key: key)
        if offset > 0 || end < .max {
            request.headers = [Field("range", "bytes=\(offset)-\(end < .max ? "\(end - 1)" : "")")]
        }
        let response = try await client.open(request)
        body = response.body.makeAsyncIterator()
        do {
            return try Self.end(of: response, from: offset, before: end)
        } catch {
            body = nil
            throw error
        }
    }

    private static func end(
        of response: HTTPClientResponse, from offset: Int64, before limit: Int64
    ) throws(S3Failure) -> Int64 {
        guard let length = response.headers.first(name: "content-length").flatMap({ Int64($0) }), length >= 0,
            length <= Int64.max - offset
        else { throw S3Failure(.malformedAnswer, "an object has no size") }
        if response.status == .partialContent {
            guard response.headers.first(name: "content-range")?.hasPrefix("bytes \(offset)-") == true else {
                throw S3Failure(.malformedAnswer, "another range came than was asked for")
            }
            guard offset + length <= limit else {
                throw S3Failure(.malformedAnswer, "a longer range came than was asked for")
            }
            return offset + length
        }
        guard offset == 0 else { throw S3Failure(.malformedAnswer, "the store does not answer ranges") }
        return min(length, limit)
    }
}
