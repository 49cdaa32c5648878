import Crypto
import Domain

/// One file of an upload, looked at before it is sent.
public struct UploadFile: Sendable {
    public let path: String
    /// The name the server is told.
    public let fileName: String
    /// SHA-256 of the bytes.
    public let hash: ContentHash
    public let metadata: JSONObject
    /// Whether the image is to be found by searches.
    public let index: Bool
    let stamp: LocalFile.Stamp

    init(
        path: String, fileName: String, hash: ContentHash, metadata: JSONObject, index: Bool, stamp: LocalFile.Stamp
    ) {
        self.path = path
        self.fileName = fileName
        self.hash = hash
        self.metadata = metadata
        self.index = index
        self.stamp = stamp
    }

    /// Reads a file to its end for its hash.
    /// - Throws: `ClientError` of kind `.localFile`.
    public init(path: String, fileName: String, metadata: JSONObject = [:], index: Bool = true) async throws {
        let file = try await LocalFile.open(path)
        self.init(
            path: path, fileName: fileName, hash: try await file.digest(head: 0).hash, metadata: metadata,
            index: index, stamp: file.stamp)
    }

    public var sizeBytes: Int64 { stamp.size }
}

/// What became of one file.
public enum UploadOutcome: Sendable, Hashable {
    case stored(RemoteImage)
    /// The server does not take it; the code is the API's.
    case refused(code: String, message: String)
}

extension ImagoClient {
    /// Uploads files in one request, read from the disk as they are sent. The good ones are stored although others
    /// are refused.
    ///
    /// The request has an idempotency key made from what it says, so that it can be sent again without storing twice.
    /// - Parameters:
    ///   - generation: another number makes it another request, for images deleted since.
    ///   - isBulk: others' images may be indexed first.
    ///   - retried: told each failure that is tried again, and the seconds until then.
    /// - Returns: one outcome a file, in order.
    public func upload(
        _ files: [UploadFile], generation: Int = 0, isBulk: Bool = false,
        retried: (ClientError, Double) -> Void = { _, _ in }
    ) async throws -> [UploadOutcome] {
        let key = Self.idempotencyKey(of: files, generation: generation)
        let requests = files.map { file -> JSONValue in
            ["indexing_config": ["index": .bool(file.index)], "metadata": .object(file.metadata)]
        }
        let form = MultipartForm(
            [
                .text(
                    name: "metadata", contentType: "application/json",
                    value: JSONValue.object(["requests": .array(requests)]).jsonBytes)
            ] + files.map { .file(name: "images", fileName: $0.fileName, path: $0.path, stamp: $0.stamp) },
            // 256 bits of digest: no file has them in it by chance.
            boundary: "imago-\(key)")
        var request = Request(
            .POST, "/v1/images/upload", query: [QueryItem("partial", "true")], body: .multipart(form))
        request.headers = [("idempotency-key", key)] + (isBulk ? [("imago-priority", "bulk")] : [])
        let json = try await transport.send(request, retried: retried).json()
        guard let results = json["results"]?.array, results.count == files.count else {
            throw ClientError(.malformedAnswer, "the server's answer has not one result for each file")
        }
        return try results.map { result in
            guard let error = result["error"] else { return .stored(try RemoteImage(json: result)) }
            return .refused(
                code: error["code"]?.string ?? "unknown", message: error["message"]?.string ?? "refused by the server")
        }
    }

    static func idempotencyKey(of files: [UploadFile], generation: Int) -> String {
        var hasher = SHA256()
        hasher.update(data: Array("imago upload \(generation)\n".utf8))
        for file in files {
            let line: JSONValue = [
                .string(file.hash.hex), .string(file.fileName), .bool(file.index), .object(file.metadata),
            ]
            hasher.update(data: line.jsonBytes + [0x0A])
        }
        return ContentHash(bytes: hasher.finalize())!.hex
    }
}
