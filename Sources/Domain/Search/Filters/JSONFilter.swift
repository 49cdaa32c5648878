extension ImageFilter {
    /// Reads a filter from a request's JSON. Values are typed here: `"7"` is a string and `7` a number.
    ///
    /// Besides `meta.FIELD` it takes the older form of a metadata field, `{"FIELD": {"operator": "range", "value":
    /// {"_from": 1, "_to": 9}}}`. A name that means nothing is an error, so that a slip of the pen can't widen what a
    /// bulk delete removes.
    /// - Parameter path: where the object stands in the request, the start of each error's `parameter`.
    /// - Throws: `InvalidInput` naming the member.
    public static func parse(json value: JSONValue, at path: String) throws(InvalidInput) -> ImageFilter {
        if case .null = value { return ImageFilter() }
        guard let object = value.object else {
            throw InvalidInput(message: "\(path) must be an object", parameter: path)
        }
        var filter = ImageFilter()
        for (name, value) in object.members {
            filter.conditions += try conditions(name, value, at: "\(path).\(name.prefix(64))")
        }
        try FilterField.check(filter, parameter: path)
        return filter
    }

    private static func conditions(
        _ name: String, _ value: JSONValue, at place: String
    ) throws(InvalidInput) -> [Condition] {
        switch name {
        case "ids": return [try FilterField.ids(try strings(value, at: place), parameter: place)]
        case "indexing_status":
            return [
                try FilterField.statuses((value.array ?? [value]).map { $0.number?.int }, parameter: place)
            ]
        case "content_type":
            return [try FilterField.contentTypes(try strings(value, at: place), parameter: place)]
        case "uploaded_after": return [.uploadedAfter(try time(value, at: place))]
        case "uploaded_before": return [.uploadedBefore(try time(value, at: place))]
        default: break
        }
        if name.hasPrefix("meta.") {
            let (field, operation) = try MetadataParameter.split(name)
            if operation == .eq, !name.hasSuffix("]"), let operations = value.object {
                return try comparisons(operations, at: place).map { .metadata(field: field, comparison: $0) }
            }
            return [.metadata(field: field, comparison: try operation.comparison(value, parameter: place))]
        }
        guard let form = value.object, let word = form["operator"] else {
            throw InvalidInput(
                message:
                    "\(place) is no filter; use ids, indexing_status, content_type, uploaded_after, uploaded_before or meta.FIELD",
                parameter: place)
        }
        let field = try MetadataPath(parsing: name, parameter: place)
        return try olderForm(word, form["value"] ?? .null, at: place)
            .map { .metadata(field: field, comparison: $0) }
    }

    private static func comparisons(_ object: JSONObject, at place: String) throws(InvalidInput) -> [Comparison] {
        guard !object.isEmpty else {
            throw InvalidInput(message: "\(place) has no operator", parameter: place)
        }
        if let word = object["operator"] { return try olderForm(word, object["value"] ?? .null, at: place) }
        var comparisons: [Comparison] = []
        for (name, value) in object.members {
            let inner = "\(place).\(name.prefix(64))"
            comparisons.append(try FilterOperator.named(name, parameter: inner).comparison(value, parameter: inner))
        }
        return comparisons
    }

    /// `{"operator": "range", "value": {"_from": 1, "_to": 9}}`, both ends included and either left out; with any other
    /// operator, `value` is what it compares with.
    private static func olderForm(
        _ word: JSONValue, _ value: JSONValue, at place: String
    ) throws(InvalidInput) -> [Comparison] {
        guard let word = word.string else {
            throw InvalidInput(message: "\(place).operator must be a string", parameter: "\(place).operator")
        }
        guard word == "range" else {
            let operation = try FilterOperator.named(word, parameter: "\(place).operator")
            return [try operation.comparison(value, parameter: "\(place).value")]
        }
        let bounds = value.object ?? JSONObject()
        var comparisons: [Comparison] = []
        if let from = bounds["_from"], from != .null {
            comparisons.append(try FilterOperator.gte.comparison(from, parameter: "\(place).value._from"))
        }
        if let to = bounds["_to"], to != .null {
            comparisons.append(try FilterOperator.lte.comparison(to, parameter: "\(place).value._to"))
        }
        guard !comparisons.isEmpty else {
            throw InvalidInput(message: "\(place).value must have _from, _to or both", parameter: "\(place).value")
        }
        return comparisons
    }

    /// A string of values between commas, or a list of strings.
    private static func strings(_ value: JSONValue, at place: String) throws(InvalidInput) -> [String] {
        if let text = value.string {
            return text.split(separator: ",").map(String.init)
        }
        guard let values = value.array, values.allSatisfy({ $0.string != nil }) else {
            throw InvalidInput(message: "\(place) must be a list of strings", parameter: place)
        }
        return values.compactMap(\.string)
    }

    private static func time(_ value: JSONValue, at place: String) throws(InvalidInput) -> Timestamp {
        if let number = value.number, number.double.isFinite { return number.double }
        return try FilterField.time(value.string ?? "", parameter: place)
    }
}

extension FilterOperator {
    /// One comparison with a typed value.
    fileprivate func comparison(_ value: JSONValue, parameter: String) throws(InvalidInput) -> ImageFilter.Comparison {
        switch self {
        case .eq: return .equal(try Self.scalar(value, parameter: parameter))
        case .ne: return .notEqual(try Self.scalar(value, parameter: parameter))
        case .in:
            guard let values = value.array else {
                throw InvalidInput(message: "\(parameter) must be a list", parameter: parameter)
            }
            guard values.count <= FilterLimits.values else {
                throw InvalidInput(
                    code: "limit_exceeded",
                    message: "\(parameter) has \(values.count) values; the limit is \(FilterLimits.values)",
                    parameter: parameter)
            }
            for value in values { _ = try Self.scalar(value, parameter: parameter) }
            return .oneOf(values)
        case .gt: return .greater(try Self.ordered(value, parameter: parameter))
        case .gte: return .greaterOrEqual(try Self.ordered(value, parameter: parameter))
        case .lt: return .less(try Self.ordered(value, parameter: parameter))
        case .lte: return .lessOrEqual(try Self.ordered(value, parameter: parameter))
        case .exists:
            guard let wanted = value.bool else {
                throw InvalidInput(message: "\(parameter) must be true or false", parameter: parameter)
            }
            return .exists(wanted)
        case .prefix:
            guard let text = value.string else {
                throw InvalidInput(message: "\(parameter) must be a string", parameter: parameter)
            }
            return .prefix(text)
        }
    }

    private static func scalar(_ value: JSONValue, parameter: String) throws(InvalidInput) -> JSONValue {
        switch value {
        case .array, .object:
            throw InvalidInput(
                message: "\(parameter) must be a string, a number, true, false or null", parameter: parameter)
        case .string(let text) where text.utf8.count > FilterLimits.valueBytes:
            throw InvalidInput(
                code: "limit_exceeded", message: "\(parameter) has at most \(FilterLimits.valueBytes) bytes",
                parameter: parameter)
        case .number(let number) where !number.double.isFinite:
            throw InvalidInput(message: "\(parameter) is too large a number", parameter: parameter)
        default: return value
        }
    }

    private static func ordered(_ value: JSONValue, parameter: String) throws(InvalidInput) -> JSONValue {
        let scalar = try scalar(value, parameter: parameter)
        guard scalar.string != nil || scalar.number != nil else {
            throw InvalidInput(message: "\(parameter) must be a string or a number", parameter: parameter)
        }
        return scalar
    }
}
