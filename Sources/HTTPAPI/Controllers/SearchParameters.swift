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
        try checkMode(fields)
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
            threshold: try fields.number("threshold", in: 0...1))
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

    /// What this version does not do is refused, so that nobody takes one ranking for another.
    private func checkMode(_ fields: JSONFields) throws(APIError) {
        switch try fields.string("search_mode") {
        case nil, "vision": break
        case "joined":
            throw .invalid(
                "search_mode joined is not available yet; use vision", code: "not_available", parameter: "search_mode")
        default: throw .invalid("search_mode must be vision or joined", parameter: "search_mode")
        }
        if let sort = try fields.string("sort"), sort != "score" {
            throw .invalid("sort can only be score as yet", code: "not_available", parameter: "sort")
        }
        if try fields.bool("group_duplicates") == true {
            throw .invalid(
                "group_duplicates is not available yet", code: "not_available", parameter: "group_duplicates")
        }
    }
}
