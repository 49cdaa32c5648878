import Domain
import NIOCore
import NIOHTTP1

/// What became of an upload that was only to be kept if there was nothing yet.
enum PutOutcome: Sendable, Hashable {
    case stored
    /// There is an object of that key; it was left as it is.
    case existed
}

/// Sends a file in parts, some at the same time, each with its checksum. Nothing can be seen of it before all are there.
struct MultipartUpload: Sendable {
    let client: S3Client
    let budget: ByteBudget
    let key: String
    let blob: StagedBlob
    /// Refuse at the end when there is an object of that key.
    let ifAbsent: Bool

    private struct Part: Sendable {
        let number: Int
        let tag: String
        let hash: ContentHash
    }

    /// A store takes this many parts at most.
    private static let mostParts: Int64 = 10_000
    private static let mebibyte: Int64 = 1 << 20
    /// Seconds that a store may take to join the parts.
    private static let joiningTime = 240.0

    /// Sends it all. After a failure, or when there was an object already, what was sent is dropped.
    func run() async throws -> PutOutcome {
        let id = try await create()
        do {
            let parts = try await send(id)
            try await complete(id, parts)
            return .stored
        } catch {
            await drop(id)
            if let failure = error as? S3Failure {
                if failure.status == 412 { return .existed }
                // The answer to an earlier try may have been lost on its way, and the upload is done.
                if failure.code == "NoSuchUpload", try await client.size(of: key) == blob.sizeBytes { return .stored }
            }
            throw error
        }
    }

    func create() async throws -> String {
        var request = S3Request("CreateMultipartUpload", .POST, key: key, query: [Field("uploads", "")])
        request.headers = [
            Field("content-type", "application/octet-stream"), Field("x-amz-checksum-algorithm", "SHA256"),
        ]
        return try await client.send(request) { answer throws(S3Failure) in
            let root = try S3XML.root("InitiateMultipartUploadResult", in: answer.body)
            guard let id = root["UploadId"], !id.isEmpty else {
                throw S3Failure(.malformedAnswer, "an upload has no id")
            }
            return id
        }
    }

    /// - Returns: the parts, in order.
    private func send(_ id: String) async throws -> [Part] {
        let ranges = ranges
        return try await withThrowingTaskGroup(of: Part.self) { group in
            var parts: [Part] = []
            for (position, range) in ranges.enumerated() {
                if position >= client.configuration.partsAtOnce, let part = try await group.next() {
                    parts.append(part)
                }
                group.addTask { try await send(range, number: position + 1, id) }
            }
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.number < $1.number }
        }
    }

    var ranges: [Range<Int64>] {
        let least = (blob.sizeBytes + Self.mostParts - 1) / Self.mostParts
        let whole = (least + Self.mebibyte - 1) / Self.mebibyte * Self.mebibyte
        let size = max(client.configuration.partSize, whole)
        return stride(from: 0, to: blob.sizeBytes, by: Int64.Stride(size)).map {
            $0..<min($0 + size, blob.sizeBytes)
        }
    }

    private func send(_ range: Range<Int64>, number: Int, _ id: String) async throws -> Part {
        try await budget.withBytes(range.count) {
            let (bytes, hash) = try await FileSpan.read(blob.path, range)
            var request = S3Request(
                "UploadPart", .PUT, key: key,
                query: [Field("partNumber", String(number)), Field("uploadId", id)],
                headers: [Field("x-amz-checksum-sha256", hash.base64)])
            request.setBody(bytes, hash: hash)
            return try await client.send(request) { answer throws(S3Failure) in
                guard let tag = answer.headers.first(name: "etag") else {
                    throw S3Failure(.malformedAnswer, "a part has no tag")
                }
                return Part(number: number, tag: tag, hash: hash)
            }
        }
    }

    private func complete(_ id: String, _ parts: [Part]) async throws {
        let list = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(S3XML.escaped(part.tag))</ETag>"
                + "<ChecksumSHA256>\(part.hash.base64)</ChecksumSHA256></Part>"
        }.joined()
        let text =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(list)</CompleteMultipartUpload>"
        var request = S3Request("CompleteMultipartUpload", .POST, key: key, query: [Field("uploadId", id)])
        request.headers = [Field("content-type", "application/xml")]
        if ifAbsent { request.headers.append(Field("if-none-match", "*")) }
        request.setBody(ByteBuffer(string: text), hash: ContentHash(sha256Of: Array(text.utf8)))
        request.extraTime += Self.joiningTime
        try await client.send(request) { answer throws(S3Failure) in
            // A failure after the head was sent comes as a 200 answer with an error in it.
            if let error = ErrorAnswer(answer.body) {
                var failure = S3Failure(.answer(status: error.code == "PreconditionFailed" ? 412 : 500), error.message)
                failure.code = error.code
                failure.requestID = error.requestID
                throw failure
            }
            _ = try S3XML.root("CompleteMultipartUploadResult", in: answer.body)
        }
    }

    /// Also when this task is cancelled, which is why it runs in one of its own. What can't be dropped is swept later.
    private func drop(_ id: String) async {
        await Task { try? await client.abort(id, of: key) }.value
    }
}
