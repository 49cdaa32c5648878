import Domain

/// What the `metadata` of an upload says about its files, whichever of its forms it has.
struct UploadMetadata: Sendable {
    struct Entry: Sendable {
        var metadata = JSONObject()
        var index = true
    }

    private enum Form: Sendable {
        case each([Entry])
        case all(Entry)
    }
    private let form: Form

    /// No metadata: every file has the defaults.
    init() { form = .all(Entry()) }

    /// Reads `{"requests": [...]}`, the bare list, or one object for every file.
    init(_ value: JSONValue) throws {
        switch value {
        case .null: form = .all(Entry())
        case .array(let entries): form = .each(try Self.entries(entries, at: "metadata"))
        case .object(let object):
            if let requests = object["requests"] {
                guard let entries = requests.array else {
                    throw Self.invalid("metadata.requests must be a list", "metadata.requests")
                }
                form = .each(try Self.entries(entries, at: "metadata.requests"))
            } else {
                form = .all(try Self.entry(value, at: "metadata"))
            }
        default: throw Self.invalid("metadata must be an object or a list", "metadata")
        }
    }

    /// One entry a file.
    /// - Throws: 400 when there are more entries than files.
    func entries(for files: Int) throws(APIError) -> [Entry] {
        switch form {
        case .all(let entry): return Array(repeating: entry, count: files)
        case .each(let entries):
            guard entries.count <= files else {
                throw Self.invalid("metadata has \(entries.count) entries for \(files) files", "metadata")
            }
            return entries + Array(repeating: Entry(), count: files - entries.count)
        }
    }

    private static func entries(_ values: [JSONValue], at path: String) throws -> [Entry] {
        try values.enumerated().map { try entry($1, at: "\(path)[\($0)]") }
    }

    private static func entry(_ value: JSONValue, at path: String) throws -> Entry {
        if case .null = value { return Entry() }
        guard let object = value.object else { throw invalid("\(path) must be an object", path) }
        guard object.isEmpty || object["metadata"] != nil || object["indexing_config"] != nil else {
            // Most likely the metadata itself, which would be lost without a word.
            throw invalid("\(path) must have the members metadata, indexing_config or both", path)
        }
        var entry = Entry()
        if let metadata = object["metadata"] {
            entry.metadata = try ImageMetadata.validate(metadata, at: "\(path).metadata")
        }
        if let configuration = object["indexing_config"], let index = try index(configuration, at: path) {
            entry.index = index
        }
        return entry
    }

    /// `index` of an `indexing_config`; nil where it does not say.
    /// - Parameter path: where the configuration's object stands in the request; nil for the request's own.
    static func index(_ configuration: JSONValue, at path: String?) throws(APIError) -> Bool? {
        let place = path.map { "\($0).indexing_config" } ?? "indexing_config"
        if case .null = configuration { return nil }
        guard let object = configuration.object else { throw invalid("\(place) must be an object", place) }
        guard let index = object["index"], index != .null else { return nil }
        guard let value = index.bool else { throw invalid("\(place).index must be true or false", "\(place).index") }
        return value
    }

    private static func invalid(_ message: String, _ parameter: String) -> APIError {
        .invalid(message, code: "invalid_metadata", parameter: parameter)
    }
}
