import Domain
import GRDB

/// A condition in SQL with the values to bind: every value and every field name from outside is bound, none is text.
struct Predicate {
    var sql: String
    var arguments: StatementArguments

    init(_ sql: String, _ arguments: StatementArguments = []) {
        self.sql = sql
        self.arguments = arguments
    }

    static func all(_ predicates: [Predicate]) -> Predicate { joined(predicates, by: " AND ", empty: "1") }
    static func any(_ predicates: [Predicate]) -> Predicate { joined(predicates, by: " OR ", empty: "0") }

    private static func joined(_ predicates: [Predicate], by word: String, empty: String) -> Predicate {
        guard !predicates.isEmpty else { return Predicate(empty) }
        return Predicate(
            "(" + predicates.map(\.sql).joined(separator: word) + ")",
            predicates.reduce(into: StatementArguments()) { $0 += $1.arguments })
    }
}

extension ImageFilter {
    /// The images of one account that match.
    func predicate(account: AccountID) -> Predicate {
        .all([Predicate("image.account = ?", [account.data])] + conditions.map(\.predicate))
    }
}

extension ImageFilter.Condition {
    fileprivate var predicate: Predicate {
        switch self {
        case .ids(let ids):
            Predicate("image.id IN \(PackedIdentifiers.subquery)", [PackedIdentifiers.data(ids)])
        case .status(let statuses):
            .any(statuses.map { Predicate("image.status = ?", [$0.rawValue]) })
        case .contentType(let types):
            .any(types.compactMap { ImageFormat(contentType: $0) }.map { Predicate("image.format = ?", [$0.rawValue]) })
        case .uploadedAfter(let time): Predicate("image.uploaded_at >= ?", [time])
        case .uploadedBefore(let time): Predicate("image.uploaded_at < ?", [time])
        case .metadata(let field, let comparison): comparison.predicate(on: field)
        }
    }
}

extension ImageFilter.Comparison {
    fileprivate func predicate(on field: ImageFilter.MetadataPath) -> Predicate {
        switch self {
        case .exists(true): member(field, where: Predicate("1"))
        case .exists(false): not(member(field, where: Predicate("1")))
        case .equal(let value): member(field, where: same(value))
        case .notEqual(let value): not(member(field, where: same(value)))
        case .oneOf(let values): member(field, where: .any(values.map(same)))
        case .greater(let value): member(field, where: ordered(">", value))
        case .greaterOrEqual(let value): member(field, where: ordered(">=", value))
        case .less(let value): member(field, where: ordered("<", value))
        case .lessOrEqual(let value): member(field, where: ordered("<=", value))
        case .prefix(let text):
            member(
                field,
                where: Predicate("(found.type = 'text' AND substr(found.atom, 1, length(?)) = ?)", [text, text]))
        }
    }

    private func not(_ predicate: Predicate) -> Predicate { Predicate("NOT " + predicate.sql, predicate.arguments) }

    /// True when the field is there and its value, `found`, satisfies the predicate. `json_each` compares decoded names,
    /// so a name may hold any character.
    private func member(_ field: ImageFilter.MetadataPath, where predicate: Predicate) -> Predicate {
        var tables: [String] = []
        var source = "image.metadata"
        for level in field.components.indices {
            let name = level == field.components.count - 1 ? "found" : "level\(level)"
            tables.append("json_each(\(source)) AS \(name)")
            source = "CASE \(name).type WHEN 'object' THEN \(name).value ELSE '{}' END"
        }
        let names = field.components.indices.map { level in
            (level == field.components.count - 1 ? "found" : "level\(level)") + ".key = ?"
        }
        return Predicate(
            "EXISTS (SELECT 1 FROM \(tables.joined(separator: ", ")) WHERE "
                + "\(names.joined(separator: " AND ")) AND \(predicate.sql))",
            StatementArguments(field.components) + predicate.arguments)
    }

    private func same(_ value: JSONValue) -> Predicate {
        switch value {
        case .null: Predicate("found.type = 'null'")
        case .bool(let value): Predicate(value ? "found.type = 'true'" : "found.type = 'false'")
        case .array, .object: Predicate("0")
        case .string, .number: ordered("=", value)
        }
    }

    private func ordered(_ relation: String, _ value: JSONValue) -> Predicate {
        switch value {
        case .string(let text): Predicate("(found.type = 'text' AND found.atom \(relation) ?)", [text])
        case .number(let number):
            Predicate(
                "(found.type IN ('integer', 'real') AND found.atom \(relation) ?)",
                [Int64(number.text).map { $0 as any DatabaseValueConvertible } ?? number.double])
        default: Predicate("0")
        }
    }
}
