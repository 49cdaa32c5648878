/// How much a filter may ask for, so that one request can't make the catalog work without end.
public enum FilterLimits {
    /// Conditions in one filter.
    public static let conditions = 32
    /// Values of `ids` or of one `in`.
    public static let values = 1000
    /// Levels of a metadata field (`a.b.c` has three), as deep as metadata may be.
    public static let fieldDepth = ImageMetadata.maximumDepth
    /// Bytes of a metadata field's name, dots included.
    public static let fieldBytes = 256
    /// Bytes of one value.
    public static let valueBytes = 4096
}

extension ImageFilter.MetadataPath {
    /// Reads `a.b`; `parameter` is what the error names.
    init(parsing text: some StringProtocol, parameter: String) throws(InvalidInput) {
        guard text.utf8.count <= FilterLimits.fieldBytes else {
            throw InvalidInput(
                code: "limit_exceeded",
                message: "a metadata field's name has at most \(FilterLimits.fieldBytes) bytes", parameter: "meta")
        }
        let components = String(text).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard components.allSatisfy({ !$0.isEmpty }) else {
            throw InvalidInput(
                message: "\(parameter) names no metadata field: write meta.FIELD or meta.FIELD.MEMBER",
                parameter: parameter)
        }
        guard components.count <= FilterLimits.fieldDepth else {
            throw InvalidInput(
                code: "limit_exceeded",
                message: "\(parameter) is nested deeper than \(FilterLimits.fieldDepth) levels", parameter: parameter)
        }
        self.init(components: components)
    }
}

/// The operators of `meta.FIELD[op]`.
enum FilterOperator: String, CaseIterable {
    case eq, ne, `in`, gt, gte, lt, lte, exists, prefix

    static func named(_ text: some StringProtocol, parameter: String) throws(InvalidInput) -> FilterOperator {
        guard let known = FilterOperator(rawValue: String(text)) else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidInput(message: "\(parameter) has an unknown operator; use \(names)", parameter: parameter)
        }
        return known
    }
}

/// The conditions that query string and JSON spell alike.
enum FilterField {
    static func ids(_ texts: [String], parameter: String) throws(InvalidInput) -> ImageFilter.Condition {
        guard texts.count <= FilterLimits.values else {
            throw InvalidInput(
                code: "limit_exceeded",
                message: "\(parameter) has \(texts.count) values; the limit is \(FilterLimits.values)",
                parameter: parameter)
        }
        var ids: [ImageID] = []
        for (position, text) in texts.enumerated() {
            guard let id = ImageID(text) else {
                throw InvalidInput(
                    message: "value \(position + 1) of \(parameter) is no image id", parameter: parameter)
            }
            ids.append(id)
        }
        return .ids(ids)
    }

    static func statuses(_ numbers: [Int?], parameter: String) throws(InvalidInput) -> ImageFilter.Condition {
        var statuses: [IndexingStatus] = []
        for number in numbers {
            guard let number, let status = IndexingStatus(rawValue: number) else {
                throw InvalidInput(message: "\(parameter) must be 0, 1, 2 or 3", parameter: parameter)
            }
            statuses.append(status)
        }
        return .status(statuses)
    }

    static func contentTypes(_ texts: [String], parameter: String) throws(InvalidInput) -> ImageFilter.Condition {
        for text in texts where ImageFormat(contentType: text) == nil {
            let known = ImageFormat.allCases.map(\.contentType).joined(separator: ", ")
            throw InvalidInput(message: "\(parameter) must be one of \(known)", parameter: parameter)
        }
        return .contentType(texts)
    }

    static func time(_ text: String, parameter: String) throws(InvalidInput) -> Timestamp {
        if let number = try? JSONValue(parsing: text).number, number.double.isFinite { return number.double }
        if let time = RFC3339.timestamp(text) { return time }
        throw InvalidInput(
            message: "\(parameter) must be Unix seconds or an RFC 3339 time such as 2026-01-31T12:00:00Z",
            parameter: parameter)
    }

    static func check(_ filter: ImageFilter, parameter: String?) throws(InvalidInput) {
        guard filter.conditions.count <= FilterLimits.conditions else {
            throw InvalidInput(
                code: "limit_exceeded",
                message:
                    "the filter has \(filter.conditions.count) conditions; the limit is \(FilterLimits.conditions)",
                parameter: parameter)
        }
    }
}
