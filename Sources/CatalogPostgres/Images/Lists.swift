import Domain
import PostgresClient

extension PostgresCatalog {
    public func images(_ query: ImageQuery, account: AccountID) async throws -> ImagePage {
        try await readSnapshot { session in
            let (total, accountTotal) = try session.count(query.filter, account: account)
            guard total > 0 else { return ImagePage(images: [], total: 0, next: nil) }
            let list = ListSQL(query: query, account: account)
            let isSelective = total < accountTotal / Self.walkingFactor
            let images = try session.run(isSelective ? list.collecting : list.walking).map { try $0.image() }
            let page = Array(images.prefix(query.limit))
            let next = images.count > query.limit ? page.last.map { query.cursor(after: $0) } : nil
            return ImagePage(images: page, total: total, next: next)
        }
    }

    /// A filter that picks less than one image in so many is answered from what it picks; one that picks more, by
    /// walking the images in order and passing over those it doesn't.
    private static let walkingFactor = 32

    public func rows(matching filter: ImageFilter, account: AccountID) async throws -> RowSet {
        var bindings = Bindings()
        let condition = filter.condition(account: account, &bindings)
        let statement = PostgresStatement(
            "SELECT array_agg(image.row) FROM image WHERE \(condition)", bindings.parameters, isKept: false)
        return try await read { session in
            let rows: PostgresIntegers? = try session.run(statement).first?[0]
            return RowSet(rows?.values ?? [])
        }
    }
}

extension PostgresSession {
    /// How many images match, and how many the account has.
    fileprivate func count(_ filter: ImageFilter, account: AccountID) throws -> (matching: Int, all: Int) {
        var bindings = Bindings()
        let owner = bindings.bind(.id(account))
        let all = "SELECT COALESCE(sum(images), 0)::bigint FROM image_count WHERE account = \(owner)"
        if filter.isEmpty {
            let count: Int = try run(all, bindings.parameters).single()
            return (count, count)
        }
        if case .status(let statuses)? = filter.conditions.first, filter.conditions.count == 1 {
            let wanted = bindings.bind(.int16s(statuses.map { Int16($0.rawValue) }))
            let row = try run("SELECT (\(all) AND status = ANY(\(wanted))), (\(all))", bindings.parameters)[0]
            return (try row[0], try row[1])
        }
        let condition = filter.condition(account: account, &bindings)
        let row = try run(
            "SELECT (SELECT count(*) FROM image WHERE \(condition)), (\(all))", bindings.parameters, isKept: false)[0]
        return (try row[0], try row[1])
    }
}

extension ImageQuery {
    fileprivate func cursor(after image: Image) -> Cursor {
        let key: Double? =
            switch sort {
            case .uploadTimestamp: image.uploadedAt
            case .recordedTimestamp: image.metadata.recordedAt
            case .sizeBytes: Double(image.properties.sizeBytes)
            }
        return Cursor(sort: sort, order: order, key: key, id: image.id)
    }
}
