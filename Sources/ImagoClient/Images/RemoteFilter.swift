import Domain

/// Conditions that images must all meet, as texts in the API's grammar: metadata as `meta.camera_id=7` or
/// `meta.n[gte]=5`, and `ids`, `indexing_status`, `content_type`, `uploaded_after`, `uploaded_before`.
public struct RemoteFilter: Sendable, Hashable {
    /// One condition, `field[operation]=value`.
    private struct Condition: Sendable, Hashable {
        /// With `meta.` but without the operation.
        let field: String
        /// `eq` where none is written.
        let operation: String
        let value: String

        var name: String { operation == "eq" ? field : "\(field)[\(operation)]" }
    }

    private var conditions: [Condition] = []
    public var isEmpty: Bool { conditions.isEmpty }

    /// Meets every image.
    public init() {}

    private static let plainFields = ["ids", "indexing_status", "content_type", "uploaded_after", "uploaded_before"]

    /// Reads conditions, each `NAME=VALUE`.
    /// - Throws: `InvalidInput` that says what is wrong with which.
    public init(parsing texts: [String]) throws(InvalidInput) {
        for text in texts {
            guard let sign = text.firstIndex(of: "=") else {
                throw InvalidInput(message: "'\(text)' is no filter; one looks like meta.camera_id=7 or meta.n[gte]=5")
            }
            try add(String(text[..<sign]), String(text[text.index(after: sign)...]))
        }
    }

    /// Those of the ids that exist.
    init(ids: some Sequence<ImageID>) {
        conditions = [
            Condition(field: "ids", operation: "eq", value: ids.map(\.description).joined(separator: ","))
        ]
    }

    /// Those in that state.
    init(status: IndexingStatus) {
        conditions = [Condition(field: "indexing_status", operation: "eq", value: String(status.rawValue))]
    }

    private mutating func add(_ name: String, _ value: String) throws(InvalidInput) {
        guard Self.plainFields.contains(name) || name.hasPrefix("meta.") else {
            throw InvalidInput(
                message: "can't filter by '\(name)', only by meta.FIELD, \(Self.plainFields.joined(separator: ", "))")
        }
        // The server reads it by the same rules; saying it here saves the way.
        _ = try ImageFilter.parse(query: [(name, value)])
        var condition = Condition(field: name, operation: "eq", value: value)
        if name.hasPrefix("meta."), name.hasSuffix("]"), let bracket = name.lastIndex(of: "[") {
            condition = Condition(
                field: String(name[..<bracket]),
                operation: String(name[name.index(after: bracket)...].dropLast()), value: value)
        }
        guard !conditions.contains(where: { $0.name == condition.name }) else {
            throw InvalidInput(message: "the filter \(condition.name) is given more than once")
        }
        conditions.append(condition)
    }

    /// As parameters of a list's query string.
    var query: [QueryItem] { conditions.map { QueryItem($0.name, $0.value) } }

    /// As the `filters` object of a search. A text has no type and JSON has, so each is given with every reading that
    /// a query string's would have.
    var json: JSONObject {
        var object = JSONObject()
        for condition in conditions {
            let readings = Self.readings(condition.value)
            switch (condition.field, condition.operation) {
            case ("indexing_status", _):
                object[condition.field] = .array(Self.list(condition.value).map { Self.readings($0)[0] })
            case ("ids", _), ("content_type", _):
                object[condition.field] = .array(Self.list(condition.value).map { .string($0) })
            case ("uploaded_after", _), ("uploaded_before", _): object[condition.field] = readings[0]
            case (_, "eq"): object.add("in", .array(readings), to: condition.field)
            case (_, "in"):
                object[condition.name] = .array(Self.list(condition.value).flatMap(Self.readings))
            case (_, "ne"):
                object[condition.name] = readings[0]
                if readings.count > 1 { object.add("ne", readings[1], to: condition.field) }
            case (_, "prefix"): object[condition.name] = .string(condition.value)
            case (_, "exists"): object[condition.name] = .bool(!["false", "0"].contains(condition.value))
            default: object[condition.name] = readings[0].number == nil ? .string(condition.value) : readings[0]
            }
        }
        return object
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }.map(String.init)
    }

    /// What a text may mean, the most particular first: a number, a truth value or null, and the text itself.
    private static func readings(_ text: String) -> [JSONValue] {
        switch try? JSONValue(parsing: text) {
        case .number(let number)?: [.number(number), .string(text)]
        case .bool(let value)?: [.bool(value), .string(text)]
        case .null?: [.null, .string(text)]
        default: [.string(text)]
        }
    }
}

extension JSONObject {
    /// Adds an operation to the object that stands for a metadata field, `{"meta.n": {"gte": 1, "lt": 9}}`.
    fileprivate mutating func add(_ operation: String, _ value: JSONValue, to field: String) {
        var operations = self[field]?.object ?? JSONObject()
        operations[operation] = value
        self[field] = .object(operations)
    }
}
