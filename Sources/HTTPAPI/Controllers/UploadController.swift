import Crypto
import Domain
import HTTPTypes
import Hummingbird
import Library

/// `POST /v1/images/upload`
struct UploadController: Sendable {
    let services: HTTPAPIServices
    let configuration: HTTPAPIConfiguration

    func upload(_ request: Request, context: APIContext) async throws -> Response {
        let account = try context.account
        try services.library.checkAdmission()
        let partial = try QueryString(request.uri).flag("partial")
        let key = try Self.idempotencyKey(request)
        let priority = try Self.priority(request)
        let received = try await UploadReceiver(library: services.library, limits: configuration.limits)
            .receive(request, context)

        let files: [ReceivedFile]
        do throws(APIError) {
            files = try Self.files(received)
        } catch {
            await ReceivedForm(files: received.files).discard(services.library)
            throw error
        }
        let results = try await services.library.upload(
            files, account: account, partial: partial,
            idempotency: key.map { IdempotencyKey(key: $0, fingerprint: Self.fingerprint(files, partial: partial)) },
            priority: priority)

        let urls = ContentURLs(publicURL: configuration.publicURL, request: request, signer: services.signer)
        services.metrics.stored(results)
        return Response(json: ["results": .array(results.map { Self.json($0, urls) })])
    }

    /// Joins each file with its metadata.
    private static func files(_ upload: ReceivedUpload) throws(APIError) -> [ReceivedFile] {
        guard !upload.files.isEmpty else {
            throw .invalid(
                "the request has no images; send each as a file part named images", code: "no_images",
                parameter: "images")
        }
        let entries = try upload.metadata.entries(for: upload.files.count)
        return zip(upload.files, entries).enumerated().map { position, pair in
            let (file, entry) = pair
            switch file.outcome {
            case .staged(let blob):
                return .complete(
                    IncomingFile(blob: blob, fileName: file.fileName, metadata: entry.metadata, index: entry.index))
            case .refused(let code, let message):
                return .refused(
                    FileRefusal(position: position, fileName: file.fileName, code: code, message: message))
            }
        }
    }

    private static func idempotencyKey(_ request: Request) throws(APIError) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid(
                "Idempotency-Key must have 1 to 255 visible ASCII characters", parameter: "Idempotency-Key")
        }
        return key
    }

    /// `Imago-Priority: bulk` lets the images be indexed after those that somebody waits for.
    private static func priority(_ request: Request) throws(APIError) -> JobPriority {
        switch request.headers[.imagoPriority]?.lowercased() {
        case nil, "interactive": return .interactive
        case "bulk": return .bulk
        default:
            throw .invalid("Imago-Priority must be interactive or bulk", parameter: "Imago-Priority")
        }
    }

    /// A digest of what the request says and not of its bytes: a client that tries again makes a new boundary.
    private static func fingerprint(_ files: [ReceivedFile], partial: Bool) -> ContentHash {
        var hasher = SHA256()
        hasher.update(data: Array("imago upload \(partial)\n".utf8))
        for file in files {
            let line: JSONValue =
                switch file {
                case .complete(let file):
                    [
                        .string(file.blob.hash.hex), .string(file.fileName ?? ""), .bool(file.index),
                        .object(file.metadata),
                    ]
                case .refused(let refusal): refusal.json
                }
            hasher.update(data: line.jsonBytes + [0x0A])
        }
        return ContentHash(bytes: hasher.finalize())!
    }

    private static func json(_ result: UploadResult, _ urls: ContentURLs) -> JSONValue {
        switch result {
        case .stored(let image): return image.json(urls)
        case .refused(let refusal):
            var error: JSONObject = ["type": .string(APIError.Kind.validation.rawValue)]
            for (name, value) in refusal.json.object?.members ?? [] { error[name] = value }
            return ["error": .object(error)]
        }
    }
}
