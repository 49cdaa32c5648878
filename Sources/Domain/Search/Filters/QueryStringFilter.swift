extension ImageQuery {
    /// The most images of a page.
    public static let maximumLimit = 1000

    /// Reads a list's query string: `limit`, `offset`, `cursor`, `sort`, `order` and the filter's parameters.
    /// - Parameter query: names and values, percent-decoded, in the order they came. Names that mean nothing here are
    ///   passed over.
    /// - Throws: `InvalidInput` naming the parameter.
    public static func parse(query: [(name: String, value: String)]) throws(InvalidInput) -> ImageQuery {
        var result = ImageQuery(filter: try ImageFilter.parse(query: query))
        if let text = try query.single("limit") {
            result.limit = try integer(text, parameter: "limit", in: 1...maximumLimit)
        }
        if let text = try query.single("offset") {
            result.offset = try integer(text, parameter: "offset", in: 0...Int(Int32.max))
        }
        if let text = try query.single("sort") { result.sort = try choice(text, parameter: "sort") }
        if let text = try query.single("order") { result.order = try choice(text, parameter: "order") }
        if let text = try query.single("cursor"), !text.isEmpty {
            guard let cursor = Cursor(text: text) else {
                throw InvalidInput(
                    message: "cursor must be the next_cursor of an earlier answer", parameter: "cursor")
            }
            guard cursor.sort == result.sort, cursor.order == result.order else {
                throw InvalidInput(
                    message:
                        "cursor belongs to a list with sort=\(cursor.sort.rawValue), order=\(cursor.order.rawValue)",
                    parameter: "cursor")
            }
            guard result.offset == 0 else {
                throw InvalidInput(message: "offset can't be used together with cursor", parameter: "offset")
            }
            result.after = cursor
        }
        return result
    }

    private static func integer(
        _ text: String, parameter: String, in range: ClosedRange<Int>
    ) throws(InvalidInput) -> Int {
        guard let value = Int(text), range.contains(value) else {
            let bounds =
                range.upperBound == Int(Int32.max)
                ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw InvalidInput(message: "\(parameter) must be an integer \(bounds)", parameter: parameter)
        }
        return value
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, parameter: String
    ) throws(InvalidInput) -> Choice {
        guard let value = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidInput(message: "\(parameter) must be one of \(names)", parameter: parameter)
        }
        return value
    }
}

extension ImageFilter {
    /// Reads the filter's parameters of a query string; others are passed over.
    public static func parse(query: [(name: String, value: String)]) throws(InvalidInput) -> ImageFilter {
        var filter = ImageFilter()
        for (name, value) in query {
            guard value.utf8.count <= FilterLimits.valueBytes || name == "ids" else {
                throw InvalidInput(
                    code: "limit_exceeded",
                    message: "a parameter's value has at most \(FilterLimits.valueBytes) bytes", parameter: name)
            }
            switch name {
            case "ids": filter.conditions.append(try FilterField.ids(value.list, parameter: name))
            case "indexing_status":
                filter.conditions.append(try FilterField.statuses(value.list.map { Int($0) }, parameter: name))
            case "content_type": filter.conditions.append(try FilterField.contentTypes(value.list, parameter: name))
            case "uploaded_after":
                filter.conditions.append(.uploadedAfter(try FilterField.time(value, parameter: name)))
            case "uploaded_before":
                filter.conditions.append(.uploadedBefore(try FilterField.time(value, parameter: name)))
            default:
                guard name.hasPrefix("meta.") else { continue }
                let (field, operation) = try MetadataParameter.split(name)
                filter.conditions += try operation.comparisons(untyped: value, parameter: name)
                    .map { .metadata(field: field, comparison: $0) }
            }
        }
        try FilterField.check(filter, parameter: nil)
        return filter
    }
}

/// `meta.FIELD` or `meta.FIELD[op]`, as query strings and JSON names spell it.
enum MetadataParameter {
    static func split(
        _ name: String
    ) throws(InvalidInput) -> (field: ImageFilter.MetadataPath, operation: FilterOperator) {
        var field = name.dropFirst("meta.".count)
        var operation = FilterOperator.eq
        if field.last == "]", let bracket = field.lastIndex(of: "[") {
            let text = field[field.index(after: bracket)...].dropLast()
            operation = try FilterOperator.named(text, parameter: name)
            field = field[..<bracket]
        }
        return (try ImageFilter.MetadataPath(parsing: field, parameter: name), operation)
    }
}

extension FilterOperator {
    /// A query string has no types: `7` means the number and the string alike, `true` the truth value and the string.
    func comparisons(untyped text: String, parameter: String) throws(InvalidInput) -> [ImageFilter.Comparison] {
        switch self {
        case .eq: return [.oneOf(Self.readings(text))]
        case .ne: return Self.readings(text).map { .notEqual($0) }
        case .in:
            let texts = text.list
            guard texts.count <= FilterLimits.values else {
                throw InvalidInput(
                    code: "limit_exceeded",
                    message: "\(parameter) has \(texts.count) values; the limit is \(FilterLimits.values)",
                    parameter: parameter)
            }
            return [.oneOf(texts.flatMap(Self.readings))]
        case .gt: return [.greater(Self.ordered(text))]
        case .gte: return [.greaterOrEqual(Self.ordered(text))]
        case .lt: return [.less(Self.ordered(text))]
        case .lte: return [.lessOrEqual(Self.ordered(text))]
        case .exists:
            switch text {
            case "true", "1", "": return [.exists(true)]
            case "false", "0": return [.exists(false)]
            default: throw InvalidInput(message: "\(parameter) must be true or false", parameter: parameter)
            }
        case .prefix: return [.prefix(text)]
        }
    }

    private static func scalar(_ text: String) -> JSONValue? {
        switch try? JSONValue(parsing: text) {
        case .number(let number) where number.double.isFinite: .number(number)
        case .bool(let value): .bool(value)
        case .null: .null
        default: nil
        }
    }

    private static func readings(_ text: String) -> [JSONValue] {
        [.string(text)] + (scalar(text).map { [$0] } ?? [])
    }

    private static func ordered(_ text: String) -> JSONValue {
        if case .number(let number) = scalar(text) { return .number(number) }
        return .string(text)
    }
}

extension String {
    /// The values between commas; blanks around them and empty ones dropped.
    fileprivate var list: [String] {
        split(separator: ",").map { value in
            var value = value
            while value.first == " " { value.removeFirst() }
            while value.last == " " { value.removeLast() }
            return String(value)
        }.filter { !$0.isEmpty }
    }
}

extension [(name: String, value: String)] {
    /// The value of a parameter that may be given once.
    fileprivate func single(_ name: String) throws(InvalidInput) -> String? {
        let values = filter { $0.name == name }
        guard values.count < 2 else {
            throw InvalidInput(message: "\(name) is given more than once", parameter: name)
        }
        return values.first?.value
    }
}
