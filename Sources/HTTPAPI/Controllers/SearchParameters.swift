import Domain
import Library

/// Reads what a search asks for.
struct SearchParameters {
    let limits: HTTPLimits

    /// Every member that means something, whether the request is JSON or a form.
    static let names = [
        "query", "max_results", "threshold", "search_mode", "filters", "image_id", "offset", "sort",
        "group_duplicates", "image_weight", "text_weight",
    ]
    private static let textNames: Set = ["query", "search_mode", "image_id", "sort"]

    /// A form's fields as the JSON they stand for: texts as they are, everything else parsed.
    func fields(of form: ReceivedForm) throws(APIError) -> JSONFields {
        var object = JSONObject()
        for name in Self.names {
            guard let bytes = try form.single(name), !bytes.isEmpty else { continue }
            if Self.textNames.contains(name) {
                object[name] = .string(String(decoding: bytes, as: UTF8.self))
            } else {
                object[name] = try JSONBody.parse(bytes, name: name, parameter: name, depth: limits.jsonDepth)
            }
        }
        return JSONFields(object)
    }

    func request(_ fields: JSONFields, file: StagedBlob?) throws -> SearchRequest {
        let text = try query(fields)
        let example = try exampleID(fields)
        guard text != nil || example != nil || file != nil else {
            throw APIError.invalid("query is missing; send a query, an image_id or an image", parameter: "query")
        }
        return SearchRequest(
            text: text, exampleID: example, exampleFile: file,
            filter: try fields["filters"].map { try ImageFilter.parse(json: $0, at: "filters") } ?? ImageFilter(),
            limit: try fields.integer("max_results", in: 1...200) ?? 10,
            offset: try fields.integer("offset", in: 0...limits.searchOffset) ?? 0,
            threshold: try fields.number("threshold", in: 0...1), mode: try mode(fields), sort: try sort(fields),
            groupsDuplicates: try fields.bool("group_duplicates") ?? false)
    }

    private func query(_ fields: JSONFields) throws(APIError) -> String? {
        guard let text = try fields.string("query") else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("query must have at least one character that is no blank", parameter: "query")
        }
        guard text.utf8.count <= limits.queryBytes else {
            throw .invalid(
                "query is longer than \(limits.queryBytes) bytes, the limit", code: "limit_exceeded",
                parameter: "query")
        }
        return text
    }

    private func exampleID(_ fields: JSONFields) throws(APIError) -> ImageID? {
        guard let text = try fields.string("image_id") else { return nil }
        guard let id = ImageID(text) else {
            throw APIError(
                .notFound, .notFound, code: "image_not_found", "there is no such image to search by",
                parameter: "image_id")
        }
        return id
    }

    private func mode(_ fields: JSONFields) throws(APIError) -> SearchMode {
        let weights = 0.0...Double.greatestFiniteMagnitude
        let image = try fields.number("image_weight", in: weights)
        let text = try fields.number("text_weight", in: weights)
        switch try fields.string("search_mode") {
        case nil, "vision": return .vision
        case "joined":
            // One weight alone is a share: the other has the rest.
            let pair = (image ?? text.map { max(0, 1 - $0) } ?? 1, text ?? image.map { max(0, 1 - $0) } ?? 1)
            guard let weights = JoinedWeights(image: pair.0, text: pair.1) else {
                throw .invalid("image_weight and text_weight can't both be 0", parameter: "text_weight")
            }
            return .joined(weights)
        default: throw .invalid("search_mode must be vision or joined", parameter: "search_mode")
        }
    }

    private func sort(_ fields: JSONFields) throws(APIError) -> ImageQuery.Sort? {
        guard let text = try fields.string("sort"), text != "score" else { return nil }
        guard let sort = ImageQuery.Sort(rawValue: text) else {
            let names = ImageQuery.Sort.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("sort must be one of score, \(names)", parameter: "sort")
        }
        return sort
    }
}
