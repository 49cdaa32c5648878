import Domain
import Hummingbird
import Library

extension ImagesController {
    /// `PATCH /v1/images/{image_id}`: metadata, replaced or merged, and indexing, on or off.
    func change(_ request: Request, context: APIContext) async throws -> Response {
        let limits = configuration.limits
        let id = try context.imageID
        let account = try context.account
        let fields = try await JSONBody.read(request, context, limit: limits.jsonBytes, depth: limits.jsonDepth)
        let change = try ImageChange(fields)
        // Before anything is changed: a request is done whole or not at all.
        guard var image = try await services.library.image(id, account: account) else { throw APIError.noSuchImage }
        if let metadata = change.metadata {
            guard
                let changed = try await services.library.updateMetadata(
                    of: id, account: account, { try metadata.applied(to: $0) })
            else { throw APIError.noSuchImage }
            image = changed
        }
        if let index = change.index {
            let changed =
                index
                ? try await services.library.reindex(id, account: account)
                : try await services.library.unindex(id, account: account)
            guard let changed else { throw APIError.noSuchImage }
            image = changed
        }
        let urls = ContentURLs(publicURL: configuration.publicURL, request: request, signer: services.signer)
        return Response(json: image.json(urls))
    }
}

/// What a PATCH asks for.
private struct ImageChange {
    let metadata: MetadataChange?
    let index: Bool?

    init(_ fields: JSONFields) throws {
        let mode = try fields.string("metadata_mode")
        guard mode == nil || mode == "replace" || mode == "merge" else {
            throw APIError.invalid("metadata_mode must be replace or merge", parameter: "metadata_mode")
        }
        metadata = try fields.object["metadata"].map { value in
            guard mode == "merge" else { return .replace(try ImageMetadata.validate(value, at: "metadata")) }
            guard let patch = value.object else {
                throw APIError.invalid(
                    "metadata must be a JSON object", code: "invalid_metadata", parameter: "metadata")
            }
            return .merge(patch)
        }
        index = try fields["indexing_config"].flatMap { try UploadMetadata.index($0, at: nil) }
        guard metadata != nil || index != nil else {
            throw APIError.invalid("send metadata, indexing_config.index or both", parameter: "metadata")
        }
    }
}

private enum MetadataChange: Sendable {
    case replace(JSONObject)
    /// JSON Merge Patch (RFC 7396): null removes a member, an object is merged, anything else takes the old one's place.
    case merge(JSONObject)

    func applied(to old: JSONObject) throws -> JSONObject {
        switch self {
        case .replace(let new): return new
        case .merge(let patch):
            return try ImageMetadata.validate(.object(old.merging(patch: patch)), at: "metadata")
        }
    }
}
