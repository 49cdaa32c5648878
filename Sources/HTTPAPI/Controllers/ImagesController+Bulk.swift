import Domain
import Hummingbird
import Library

extension ImagesController {
    /// `DELETE /v1/images` with `{"ids": [...]}` or `{"filters": {...}}`.
    func deleteMany(_ request: Request, context: APIContext) async throws -> Response {
        let limits = configuration.limits
        let fields = try await JSONBody.read(request, context, limit: limits.jsonBytes, depth: limits.jsonDepth)
        let account = try context.account
        switch (fields["ids"], fields["filters"]) {
        case (let ids?, nil): return try await delete(ids: Self.ids(ids), account: account)
        case (nil, let filters?):
            let filter = try ImageFilter.parse(json: filters, at: "filters")
            // It would mean every image of the account, which is more likely a slip than a wish.
            guard !filter.isEmpty else {
                throw APIError.invalid("filters must have at least one condition", parameter: "filters")
            }
            let deleted = try await services.library.delete(matching: filter, account: account)
            return Self.answer(deleted: deleted, more: [:])
        default:
            throw APIError.invalid("send either ids or filters", parameter: "ids")
        }
    }

    private func delete(ids: [ImageID], account: AccountID) async throws -> Response {
        let deleted = Set(try await services.library.delete(ids, account: account))
        var seen: Set<ImageID> = []
        let distinct = ids.filter { seen.insert($0).inserted }
        let texts = { (ids: [ImageID]) in JSONValue.array(ids.map { .string($0.description) }) }
        return Self.answer(
            deleted: deleted.count,
            more: [
                "image_ids": texts(distinct.filter(deleted.contains)),
                "not_found": texts(distinct.filter { !deleted.contains($0) }),
            ])
    }

    private static func ids(_ value: JSONValue) throws(APIError) -> [ImageID] {
        guard let values = value.array, !values.isEmpty else {
            throw .invalid("ids must be a list with at least one image id", parameter: "ids")
        }
        guard values.count <= FilterLimits.values else {
            throw .invalid(
                "ids has \(values.count) values; the limit is \(FilterLimits.values)", code: "limit_exceeded",
                parameter: "ids")
        }
        var ids: [ImageID] = []
        for (position, value) in values.enumerated() {
            guard let id = value.string.flatMap({ ImageID($0) }) else {
                throw .invalid("ids[\(position)] is no image id", parameter: "ids[\(position)]")
            }
            ids.append(id)
        }
        return ids
    }

    private static func answer(deleted: Int, more: JSONObject) -> Response {
        var object: JSONObject = [
            "status": "success",
            "message": .string(deleted == 1 ? "1 image deleted" : "\(deleted) images deleted"),
            "deleted": .number(JSONNumber(deleted)),
        ]
        for (name, value) in more.members { object[name] = value }
        return Response(json: .object(object))
    }
}
