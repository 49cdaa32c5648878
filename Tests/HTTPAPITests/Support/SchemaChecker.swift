import Domain

/// Holds JSON values against the schemas of an OpenAPI document, in the part of JSON Schema 2020-12 that ours uses. A
/// keyword it does not know is a problem too, so that nothing passes by not being understood.
struct SchemaChecker {
    let document: JSONValue
    /// Whether members that a schema does not name are problems, unless it says that there may be some.
    var isStrict = false

    /// What is wrong with a value, each with its place; empty when it is as the schema says.
    func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        guard let schema = schema.object else { return ["\(place): the schema is no object"] }
        return schema.members.flatMap { keyword, rule -> [String] in
            switch keyword {
            case "$ref":
                guard let target = rule.string.flatMap(resolve) else { return ["\(place): \(rule) leads nowhere"] }
                return problems(value, target, at: place)
            case "type": return typeProblems(value, rule, at: place)
            case "enum": return rule.array?.contains(value) == true ? [] : ["\(place): \(value) is not in \(rule)"]
            case "const": return value == rule ? [] : ["\(place): \(value) is not \(rule)"]
            case "properties", "required", "additionalProperties", "patternProperties", "minProperties":
                return objectProblems(value, keyword, rule, schema, at: place)
            case "items":
                return (value.array ?? []).enumerated().flatMap { problems($1, rule, at: "\(place)[\($0)]") }
            case "minItems", "maxItems":
                return Self.bound(keyword, Double(value.array?.count ?? 0), rule, value.array != nil, place)
            case "minLength", "maxLength":
                let length = Double(value.string?.unicodeScalars.count ?? 0)
                return Self.bound(keyword, length, rule, value.string != nil, place)
            case "minimum", "maximum":
                return Self.bound(keyword, value.number?.double ?? 0, rule, value.number != nil, place)
            case "pattern": return Self.patternProblems(value, rule, at: place)
            case "allOf": return rule.array!.flatMap { problems(value, $0, at: place) }
            case "anyOf", "oneOf":
                let passed = rule.array!.filter { loose.problems(value, $0, at: place).isEmpty }.count
                let isFine = keyword == "anyOf" ? passed > 0 : passed == 1
                return isFine ? [] : ["\(place): \(passed) of \(keyword) match"]
            case "description", "format", "default", "contentMediaType", "contentSchema": return []
            default: return ["\(place): the keyword \(keyword) is not known here"]
            }
        }
    }

    /// What a `$ref` within the document leads to (RFC 6901).
    func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { node, step in
            node?[String(step).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }

    /// Alternatives name some members each, so what one does not name is no problem of its own.
    private var loose: SchemaChecker { SchemaChecker(document: document) }

    private func typeProblems(_ value: JSONValue, _ rule: JSONValue, at place: String) -> [String] {
        let names = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
        let isOne = names.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
                ("number", .number):
                true
            case ("integer", .number(let number)): number.double == number.double.rounded()
            default: false
            }
        }
        return isOne ? [] : ["\(place): \(value) is no \(names.joined(separator: " or "))"]
    }

    private func objectProblems(
        _ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ schema: JSONObject, at place: String
    ) -> [String] {
        guard let object = value.object else { return [] }
        let named = schema["properties"]?.object
        let patterns = schema["patternProperties"]?.object
        let others = object.members.filter { name, _ in
            named?[name] == nil && patterns?.names.contains { Self.matches(name, $0) } != true
        }
        switch keyword {
        case "required":
            return rule.array!.compactMap(\.string).filter { object[$0] == nil }.map { "\(place): has no \($0)" }
        case "properties":
            let own = object.members.flatMap { name, member in
                named?[name].map { problems(member, $0, at: "\(place).\(name)") } ?? []
            }
            guard isStrict, schema["additionalProperties"] == nil else { return own }
            return own + others.map { "\(place): \($0.name) is not described" }
        case "patternProperties":
            return object.members.flatMap { name, member in
                patterns!.members.filter { Self.matches(name, $0.name) }
                    .flatMap { problems(member, $0.value, at: "\(place).\(name)") }
            }
        case "additionalProperties":
            return rule == false ? others.map { "\(place): \($0.name) may not be there" } : []
        default: return Self.bound(keyword, Double(object.count), rule, true, place)
        }
    }

    private static func bound(
        _ keyword: String, _ number: Double, _ rule: JSONValue, _ applies: Bool, _ place: String
    ) -> [String] {
        guard applies, let limit = rule.number?.double else { return [] }
        let isFine = keyword.hasPrefix("min") ? number >= limit : number <= limit
        return isFine ? [] : ["\(place): \(number) breaks \(keyword) \(limit)"]
    }

    private static func patternProblems(_ value: JSONValue, _ rule: JSONValue, at place: String) -> [String] {
        guard let text = value.string, let pattern = rule.string else { return [] }
        return matches(text, pattern) ? [] : ["\(place): \(text) does not match \(pattern)"]
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.firstMatch(of: expression) != nil
    }
}
