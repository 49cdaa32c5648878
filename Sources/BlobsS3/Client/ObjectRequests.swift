import Crypto
import Domain
import NIOCore
import NIOHTTP1

/// Requests of one object or of the bucket whose answers are simple.
extension S3Client {
    /// Size in bytes; nil when there is no such object, or no such bucket: an answer to HEAD does not say which.
    func size(of key: String) async throws -> Int64? {
        do {
            return try await send(S3Request("HeadObject", .HEAD, key: key)) { answer throws(S3Failure) in
                guard let size = answer.headers.first(name: "content-length").flatMap({ Int64($0) }), size >= 0 else {
                    throw S3Failure(.malformedAnswer, "an object has no size")
                }
                return size
            }
        } catch let failure as S3Failure where failure.status == 404 {
            return nil
        }
    }

    func checkBucket(policy: S3RetryPolicy? = nil) async throws {
        do {
            try await send(S3Request("HeadBucket", .HEAD), policy: policy)
        } catch var failure as S3Failure where failure.status == 404 {
            failure.message = "there is no bucket '\(configuration.location.bucket)'"
            throw failure
        }
    }

    func delete(_ key: String, policy: S3RetryPolicy? = nil) async throws {
        do {
            try await send(S3Request("DeleteObject", .DELETE, key: key), policy: policy)
        } catch let failure as S3Failure where failure.isMissingKey {
            // Some stores say so; others treat it as done.
        }
    }

    /// Stores a whole object, checksum and all.
    /// - Parameter ifAbsent: refuse with status 412 when there is one of that key.
    func put(
        _ key: String, _ bytes: ByteBuffer, hash: ContentHash, ifAbsent: Bool = false, policy: S3RetryPolicy? = nil
    ) async throws {
        var request = S3Request("PutObject", .PUT, key: key)
        request.headers = [
            Field("content-type", "application/octet-stream"),
            Field("x-amz-checksum-sha256", hash.base64),
        ]
        if ifAbsent { request.headers.append(Field("if-none-match", "*")) }
        request.setBody(bytes, hash: hash)
        try await send(request, policy: policy)
    }

    func objects(prefix: String, after token: String?) async throws -> ObjectPage {
        var request = S3Request("ListObjectsV2", .GET)
        request.query = [
            Field("list-type", "2"), Field("encoding-type", "url"), Field("prefix", prefix),
            Field("max-keys", String(configuration.pageSize)),
        ]
        if let token { request.query.append(Field("continuation-token", token)) }
        return try await send(request) { answer throws(S3Failure) in try ObjectPage(answer.body) }
    }

    func uploads(prefix: String, after markers: [Field]) async throws -> UploadPage {
        var request = S3Request("ListMultipartUploads", .GET)
        request.query =
            [
                Field("uploads", ""), Field("encoding-type", "url"), Field("prefix", prefix),
                Field("max-uploads", String(configuration.pageSize)),
            ] + markers
        return try await send(request) { answer throws(S3Failure) in try UploadPage(answer.body) }
    }

    func abort(_ uploadID: String, of key: String) async throws {
        let request = S3Request("AbortMultipartUpload", .DELETE, key: key, query: [Field("uploadId", uploadID)])
        do {
            try await send(request)
        } catch let failure as S3Failure where failure.status == 404 {
            // Gone already.
        }
    }
}

extension ContentHash {
    init(sha256Of bytes: [UInt8]) { self.init(bytes: SHA256.hash(data: bytes))! }

    /// As checksum headers carry it (RFC 4648 section 4).
    var base64: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - group.count))
            for digit in 0..<4 {
                text.append(digit <= group.count ? alphabet[Int(bits >> (18 - 6 * digit)) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
