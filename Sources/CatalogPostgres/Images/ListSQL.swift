import Domain
import PostgresClient

/// One page of a list, in SQL. It asks for one image more than the page has, to know whether another follows.
struct ListSQL {
    let query: ImageQuery
    let account: AccountID

    /// Walks the images in order, passing over those that don't match.
    var walking: PostgresStatement {
        var bindings = Bindings()
        let condition = query.filter.condition(account: account, &bindings)
        let parts = parts(&bindings)
        let (limit, offset) = (limit(&bindings), offset(&bindings))
        let sql: String
        if parts.count == 1 {
            sql = """
                SELECT \(ImageColumns.all) FROM image WHERE \(condition) AND \(parts[0])
                ORDER BY \(ordering) LIMIT \(limit) OFFSET \(offset)
                """
        } else {
            let walks = parts.map { part in
                """
                (SELECT \(ImageColumns.all), image.recorded_at FROM image WHERE \(condition) AND \(part)
                ORDER BY \(ordering) LIMIT \(limit) + \(offset))
                """
            }
            sql = """
                SELECT \(ImageColumns.all) FROM (\(walks.joined(separator: " UNION ALL "))) AS image
                ORDER BY \(orderingOfAll) LIMIT \(limit) OFFSET \(offset)
                """
        }
        return PostgresStatement(sql, bindings.parameters, isKept: query.filter.isEmpty)
    }

    /// Collects what matches and sorts it: for filters that pick few images. Materialised, so that the planner can't
    /// take it for cheap to look for the few along the whole order.
    var collecting: PostgresStatement {
        var bindings = Bindings()
        let condition = query.filter.condition(account: account, &bindings)
        let rest = parts(&bindings).joined(separator: " OR ")
        let (limit, offset) = (limit(&bindings), offset(&bindings))
        let sql = """
            WITH matching AS MATERIALIZED (
                SELECT row, id, uploaded_at, recorded_at, size_bytes FROM image WHERE \(condition)
            ), page AS (
                SELECT row FROM matching AS image WHERE \(rest) ORDER BY \(orderingOfAll) LIMIT \(limit) OFFSET \(offset)
            ) SELECT \(ImageColumns.all) FROM page JOIN image USING (row) ORDER BY \(orderingOfAll)
            """
        return PostgresStatement(sql, bindings.parameters, isKept: false)
    }

    private func limit(_ bindings: inout Bindings) -> String { bindings.bind(.int64(Int64(query.limit) + 1)) }

    private func offset(_ bindings: inout Bindings) -> String {
        bindings.bind(.int64(query.after == nil ? Int64(query.offset) : 0))
    }

    private var column: String {
        switch query.sort {
        case .uploadTimestamp: "image.uploaded_at"
        case .recordedTimestamp: "image.recorded_at"
        case .sizeBytes: "image.size_bytes"
        }
    }

    /// The order within a part, which an index has.
    private var ordering: String {
        let direction = query.order == .ascending ? "ASC" : "DESC"
        return "\(column) \(direction), image.id \(direction)"
    }

    /// Images without the key come last in either order.
    private var orderingOfAll: String { "(\(column) IS NULL), \(ordering)" }

    /// What comes after the cursor, in one or two parts: an index can be walked within each, but not from the images
    /// with a key to those without.
    private func parts(_ bindings: inout Bindings) -> [String] {
        let canMiss = query.sort == .recordedTimestamp
        guard let cursor = query.after else {
            return canMiss ? ["\(column) IS NOT NULL", "\(column) IS NULL"] : ["true"]
        }
        let relation = query.order == .ascending ? ">" : "<"
        let id = bindings.bind(.id(cursor.id))
        guard let key = cursor.key else { return ["(\(column) IS NULL AND image.id \(relation) \(id))"] }
        let isSize = query.sort == .sizeBytes
        let value = bindings.bind(isSize ? .int64(Int64(exactly: key) ?? (key < 0 ? .min : .max)) : .double(key))
        let after = "(\(column), image.id) \(relation) (\(value), \(id))"
        return canMiss ? ["(\(column) IS NOT NULL AND \(after))", "\(column) IS NULL"] : [after]
    }
}
