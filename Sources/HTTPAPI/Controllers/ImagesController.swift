import Domain
import HTTPTypes
import Hummingbird
import Library

/// `/v1/images` and `/v1/images/{image_id}`, but for upload, search and content.
struct ImagesController: Sendable {
    let services: HTTPAPIServices
    let configuration: HTTPAPIConfiguration

    private func urls(_ request: Request) -> ContentURLs {
        ContentURLs(publicURL: configuration.publicURL, request: request, signer: services.signer)
    }

    func get(_ request: Request, context: APIContext) async throws -> Response {
        guard let image = try await services.library.image(context.imageID, account: context.account) else {
            throw APIError.noSuchImage
        }
        return Response(json: image.json(urls(request)))
    }

    func list(_ request: Request, context: APIContext) async throws -> Response {
        let query = try ImageQuery.parse(query: QueryString(request.uri).items)
        let page = try await services.library.images(query, account: context.account)
        let urls = urls(request)
        return Response(json: [
            "results": .array(page.images.map { $0.json(urls) }),
            "total": .number(JSONNumber(page.total)),
            "next_cursor": page.next.map { .string($0.text) } ?? .null,
        ])
    }

    func delete(_ request: Request, context: APIContext) async throws -> Response {
        let id = try context.imageID
        guard try await !services.library.delete([id], account: context.account).isEmpty else {
            throw APIError.noSuchImage
        }
        return Response(json: [
            "status": "success", "message": "Image ID deleted successfully", "image_id": .string(id.description),
        ])
    }
}
