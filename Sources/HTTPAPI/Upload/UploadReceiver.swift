import Domain
import HTTPTypes
import Hummingbird
import Library
import Multipart
import NIOCore

/// An upload as it came: its files staged, its metadata read.
struct ReceivedUpload: Sendable {
    let files: [StagedFile]
    let metadata: UploadMetadata
}

/// Receives an upload in any of the shapes a client may send it in. When it throws, nothing stays behind.
struct UploadReceiver: Sendable {
    let library: ImageLibrary
    let limits: HTTPLimits

    func receive(_ request: Request, _ context: APIContext) async throws -> ReceivedUpload {
        let contentType = request.headers[.contentType] ?? ""
        if let boundary = try MultipartParser.boundary(contentType: contentType) {
            return try await receiveForm(request, context, boundary: boundary)
        }
        let type = ParameterizedValue(parsing: contentType)?.value ?? ""
        if type.hasPrefix("image/") { return try await receiveImage(request, context) }
        guard !type.isEmpty, JSONBody.isJSON(contentType) else {
            throw JSONBody.unsupported(accepting: "multipart/form-data, application/json or image/*")
        }
        return try await receiveJSON(request, context)
    }

    // MARK: multipart/form-data

    private func receiveForm(
        _ request: Request, _ context: APIContext, boundary: String
    ) async throws -> ReceivedUpload {
        let receiver = FormReceiver(
            library: library, limits: limits, maximumFiles: limits.files,
            fields: ["metadata": limits.metadataBytes, "image_urls": limits.metadataBytes])
        let body = try BoundedBody(request, context, limit: limits.requestBytes)
        let form = try await receiver.receive(body, boundary: boundary)
        do {
            if form.fields.contains(where: { $0.name == "image_urls" && !$0.value.isEmpty }) {
                throw ImageText.urlsAreOff("image_urls")
            }
            return ReceivedUpload(files: form.files, metadata: try metadata(form))
        } catch {
            await form.discard(library)
            throw error
        }
    }

    private func metadata(_ form: ReceivedForm) throws -> UploadMetadata {
        guard let text = try form.single("metadata"), !text.isEmpty else { return UploadMetadata() }
        return try UploadMetadata(
            JSONBody.parse(text, name: "metadata", parameter: "metadata", depth: limits.jsonDepth))
    }

    // MARK: image/*

    private func receiveImage(_ request: Request, _ context: APIContext) async throws -> ReceivedUpload {
        let body = try BoundedBody(request, context, limit: limits.requestBytes)
        var file = try await FileReceiver(library, limit: limits.fileBytes)
        do {
            for try await bytes in body { try await file.write(bytes.readableBytesView) }
            return ReceivedUpload(files: [try await file.finish(fileName: nil)], metadata: UploadMetadata())
        } catch {
            await file.cancel()
            throw error
        }
    }

    // MARK: application/json

    private func receiveJSON(_ request: Request, _ context: APIContext) async throws -> ReceivedUpload {
        let fields = try await JSONBody.read(
            request, context, limit: limits.imageJSONBytes, depth: limits.jsonDepth)
        if fields["image_urls"] != nil { throw ImageText.urlsAreOff("image_urls") }
        var form = ReceivedForm()
        do {
            let metadata = try fields["metadata"].map { try UploadMetadata($0) } ?? UploadMetadata()
            for (position, text) in try Self.texts(fields["images"], limit: limits.files).enumerated() {
                let bytes = try ImageText.decode(text, at: "images[\(position)]")
                form.files.append(try await stage(bytes))
            }
            return ReceivedUpload(files: form.files, metadata: metadata)
        } catch {
            await form.discard(library)
            throw error
        }
    }

    private func stage(_ bytes: [UInt8]) async throws -> StagedFile {
        var file = try await FileReceiver(library, limit: limits.fileBytes)
        do {
            try await file.write(ByteBuffer(bytes: bytes).readableBytesView)
            return try await file.finish(fileName: nil)
        } catch {
            await file.cancel()
            throw error
        }
    }

    private static func texts(_ value: JSONValue?, limit: Int) throws(APIError) -> [String] {
        guard let value else { return [] }
        let values = value.array ?? [value]
        guard values.count <= limit else {
            throw .tooLarge(
                "images has more than \(limit) entries, the limit", code: "too_many_files", parameter: "images")
        }
        guard values.allSatisfy({ $0.string != nil }) else {
            throw .invalid("images must be a string or a list of strings", parameter: "images")
        }
        return values.compactMap(\.string)
    }
}
