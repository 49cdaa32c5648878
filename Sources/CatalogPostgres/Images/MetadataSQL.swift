import Domain
import PostgresClient

/// Conditions on one member of the metadata, named by its path through objects; lists are not looked into.
///
/// Numbers compare as numbers, strings by their bytes; a value of another type matches nothing.
struct MetadataSQL {
    private let components: [String]

    init(_ field: ImageFilter.MetadataPath) { components = field.components.map(StoredText.encode) }

    /// True or false, never NULL.
    func sql(_ comparison: ImageFilter.Comparison, _ bindings: inout Bindings) -> String {
        switch comparison {
        case .exists(true): "\(member(&bindings)) IS NOT NULL"
        case .exists(false): "\(member(&bindings)) IS NULL"
        case .equal(let value): oneOf([value], &bindings)
        case .notEqual(let value): "NOT \(oneOf([value], &bindings))"
        case .oneOf(let values): oneOf(values, &bindings)
        case .greater(let value): ordered(">", value, &bindings)
        case .greaterOrEqual(let value): ordered(">=", value, &bindings)
        case .less(let value): ordered("<", value, &bindings)
        case .lessOrEqual(let value): ordered("<=", value, &bindings)
        case .prefix(let text):
            ofType("string", &bindings) { member, bindings in
                "starts_with(\(member) #>> '{}', \(bindings.bind(.stored(text))))"
            }
        }
    }

    /// The member's value; NULL when there is none.
    private func member(_ bindings: inout Bindings) -> String {
        var sql = "image.document"
        for component in components { sql += " -> \(bindings.bind(.text(component)))" }
        return "(\(sql))"
    }

    /// More values than this are compared with the member; up to here an index is asked for each.
    private static let lookups = 64

    private func oneOf(_ values: [JSONValue], _ bindings: inout Bindings) -> String {
        let scalars = values.filter { $0.array == nil && $0.object == nil }.map(SearchDocument.normalized)
        guard !scalars.isEmpty else { return "false" }
        if scalars.count > Self.lookups {
            let list = bindings.bind(.jsonbs(scalars.map(\.jsonText)))
            return "COALESCE(\(member(&bindings)) = ANY(\(list)), false)"
        }
        let lookups = scalars.map { scalar in
            let document = components.reversed().reduce(scalar) { JSONValue.object([$1: $0]) }
            return "image.document @> \(bindings.bind(.jsonb(document.jsonText)))"
        }
        return "(\(lookups.joined(separator: " OR ")))"
    }

    private func ordered(_ relation: String, _ value: JSONValue, _ bindings: inout Bindings) -> String {
        switch value {
        case .string(let text):
            return ofType("string", &bindings) { member, bindings in
                "(\(member) #>> '{}') COLLATE \"C\" \(relation) \(bindings.bind(.stored(text)))"
            }
        case .number(let number):
            let exact = ofType("number", &bindings) { member, bindings in
                "\(member)::numeric \(relation) \(bindings.bind(.numeric(SearchDocument.normalized(number).text)))"
            }
            guard components == ["recorded_timestamp_utc"] else { return exact }
            // The column has an index, and rounding keeps order: what it leaves out does not match.
            let orEqual = relation.hasSuffix("=") ? relation : relation + "="
            return "(image.recorded_at \(orEqual) \(bindings.bind(.double(number.double))) IS TRUE AND \(exact))"
        default: return "false"
        }
    }

    /// A condition on a member of that type. `CASE` keeps the server from trying it on others, which would be an error.
    private func ofType(
        _ type: String, _ bindings: inout Bindings, _ condition: (String, inout Bindings) -> String
    ) -> String {
        let member = member(&bindings)
        return "CASE WHEN jsonb_typeof(\(member)) = '\(type)' THEN \(condition(member, &bindings)) ELSE false END"
    }
}
