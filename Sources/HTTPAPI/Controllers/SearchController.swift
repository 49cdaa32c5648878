import Domain
import HTTPTypes
import Hummingbird
import Library
import Multipart
import NIOCore

/// `POST /v1/images/search`
struct SearchController: Sendable {
    let services: HTTPAPIServices
    let configuration: HTTPAPIConfiguration

    func search(_ request: Request, context: APIContext) async throws -> Response {
        let account = try context.account
        let received = try await receive(request, context)
        let results: [SearchResult]
        do {
            let search = try SearchParameters(limits: configuration.limits).request(
                received.fields, file: received.blob)
            results = try await services.library.search(search, account: account)
        } catch {
            await received.form.discard(services.library)
            throw error
        }
        await received.form.discard(services.library)
        let urls = ContentURLs(publicURL: configuration.publicURL, request: request, signer: services.signer)
        return Response(json: ["results": .array(results.map { $0.json(urls) })])
    }

    private struct Received {
        let fields: JSONFields
        let form: ReceivedForm
        var blob: StagedBlob? { form.files.first?.blob }
    }

    private func receive(_ request: Request, _ context: APIContext) async throws -> Received {
        if let boundary = try MultipartParser.boundary(contentType: request.headers[.contentType] ?? "") {
            return try await receiveForm(request, context, boundary: boundary)
        }
        let limits = configuration.limits
        let fields = try await JSONBody.read(
            request, context, limit: limits.imageJSONBytes, depth: limits.jsonDepth)
        guard let text = try fields.string("image") else { return Received(fields: fields, form: ReceivedForm()) }
        let bytes = try ImageText.decode(text, at: "image")
        var file = try await FileReceiver(services.library, limit: limits.fileBytes)
        do {
            try await file.write(ByteBuffer(bytes: bytes).readableBytesView)
            return try Self.checked(
                Received(fields: fields, form: ReceivedForm(files: [try await file.finish(fileName: nil)])))
        } catch {
            await file.cancel()
            throw error
        }
    }

    private func receiveForm(
        _ request: Request, _ context: APIContext, boundary: String
    ) async throws -> Received {
        let limits = configuration.limits
        let receiver = FormReceiver(
            library: services.library, limits: limits, maximumFiles: 1,
            fields: Dictionary(uniqueKeysWithValues: SearchParameters.names.map { ($0, limits.jsonBytes) }))
        let body = try BoundedBody(request, context, limit: limits.fileBytes + Int64(limits.jsonBytes))
        let form = try await receiver.receive(body, boundary: boundary)
        do {
            return try Self.checked(
                Received(fields: try SearchParameters(limits: limits).fields(of: form), form: form))
        } catch {
            await form.discard(services.library)
            throw error
        }
    }

    /// A file that could not be received is the end of a search.
    private static func checked(_ received: Received) throws(APIError) -> Received {
        if case .refused(let code, let message)? = received.form.files.first?.outcome {
            throw code == FileRefusal.fileTooLarge
                ? .tooLarge(message, code: code, parameter: "image")
                : APIError(.unsupportedMediaType, .validation, code: code, message, parameter: "image")
        }
        return received
    }
}
