import Domain
import GRDB

extension SQLiteCatalog {
    public func images(_ query: ImageQuery, account: AccountID) async throws -> ImagePage {
        try await read { database in
            let matching = query.filter.predicate(account: account)
            let total = try database.count(query.filter, matching, account: account)
            var predicate = matching
            if let cursor = query.after { predicate = .all([predicate, query.rest(after: cursor)]) }
            let images = try database.images(
                where: "\(predicate.sql) ORDER BY \(query.ordering) LIMIT ? OFFSET ?",
                predicate.arguments + [query.limit + 1, query.after == nil ? query.offset : 0])
            let page = Array(images.prefix(query.limit))
            let next = images.count > query.limit ? page.last.map { query.cursor(after: $0) } : nil
            return ImagePage(images: page, total: total, next: next)
        }
    }

    public func rows(matching filter: ImageFilter, account: AccountID) async throws -> RowSet {
        try await read { database in
            let predicate = filter.predicate(account: account)
            let rows = try ImageRow.fetchCursor(
                database, sql: "SELECT image.row FROM image WHERE \(predicate.sql)", arguments: predicate.arguments)
            var set = RowSet()
            while let row = try rows.next() { set.insert(row) }
            return set
        }
    }
}

extension Database {
    fileprivate func count(_ filter: ImageFilter, _ predicate: Predicate, account: AccountID) throws -> Int {
        if filter.isEmpty {
            return try Int.fetchOne(
                cachedStatement(sql: "SELECT sum(images) FROM image_count WHERE account = ?"), arguments: [account.data]
            )
                ?? 0
        }
        return try Int.fetchOne(
            self, sql: "SELECT count(*) FROM image WHERE \(predicate.sql)", arguments: predicate.arguments) ?? 0
    }
}

extension ImageQuery {
    private var column: String {
        switch sort {
        case .uploadTimestamp: "image.uploaded_at"
        case .recordedTimestamp: "image.recorded_at"
        case .sizeBytes: "image.size_bytes"
        }
    }

    /// Images without the key come last in either order.
    fileprivate var ordering: String {
        let direction = order == .ascending ? "ASC" : "DESC"
        let missing = sort == .recordedTimestamp ? "\(column) IS NULL, " : ""
        return "\(missing)\(column) \(direction), image.id \(direction)"
    }

    /// What comes after the cursor in this order.
    fileprivate func rest(after cursor: Cursor) -> Predicate {
        let relation = order == .ascending ? ">" : "<"
        guard let key = cursor.key else {
            return Predicate("(\(column) IS NULL AND image.id \(relation) ?)", [cursor.id.data])
        }
        let after = Predicate("(\(column), image.id) \(relation) (?, ?)", [key, cursor.id.data])
        return sort == .recordedTimestamp ? .any([after, Predicate("\(column) IS NULL")]) : after
    }

    fileprivate func cursor(after image: Image) -> Cursor {
        let key: Double? =
            switch sort {
            case .uploadTimestamp: image.uploadedAt
            case .recordedTimestamp: image.metadata["recorded_timestamp_utc"]?.number?.double
            case .sizeBytes: Double(image.properties.sizeBytes)
            }
        return Cursor(sort: sort, order: order, key: key, id: image.id)
    }
}
