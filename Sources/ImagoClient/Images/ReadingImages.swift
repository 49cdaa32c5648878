import Domain

/// Which images of the account, and in what order.
public struct ListRequest: Sendable, Hashable {
    public var filter: RemoteFilter
    /// A field the server sorts by; nil is the time of upload.
    public var sort: ImageQuery.Sort?
    public var order: ImageQuery.Order?
    /// 1 to 1000.
    public var limit: Int
    public var offset: Int?
    /// Where the page before ended.
    public var cursor: String?

    public init(
        filter: RemoteFilter = RemoteFilter(), sort: ImageQuery.Sort? = nil, order: ImageQuery.Order? = nil,
        limit: Int = 20, offset: Int? = nil, cursor: String? = nil
    ) {
        self.filter = filter
        self.sort = sort
        self.order = order
        self.limit = limit
        self.offset = offset
        self.cursor = cursor
    }

    var query: [QueryItem] {
        var items = [QueryItem("limit", String(limit))]
        if let offset { items.append(QueryItem("offset", String(offset))) }
        if let cursor { items.append(QueryItem("cursor", cursor)) }
        if let sort { items.append(QueryItem("sort", sort.rawValue)) }
        if let order { items.append(QueryItem("order", order.rawValue)) }
        return items + filter.query
    }
}

extension ImagoClient {
    public func image(_ id: ImageID) async throws -> RemoteImage {
        try RemoteImage(json: try await transport.send(Request(.GET, "/v1/images/\(id)")).json())
    }

    public func images(_ list: ListRequest = ListRequest()) async throws -> RemotePage {
        try RemotePage(json: try await transport.send(Request(.GET, "/v1/images", query: list.query)).json())
    }

    /// Those of the ids that exist, asked for a hundred at a time: an id is 37 characters of a request line.
    public func images(ids: [ImageID]) async throws -> [RemoteImage] {
        var found: [RemoteImage] = []
        for start in stride(from: 0, to: ids.count, by: 100) {
            let some = ids[start..<min(start + 100, ids.count)]
            let page = try await images(ListRequest(filter: RemoteFilter(ids: some), limit: some.count))
            // A server that knows no such filter would list others.
            found += page.images.filter { some.contains($0.id) }
        }
        return found
    }

    /// How many images the account has in each state; nil when the server does not count.
    public func imageCounts() async throws -> [(status: IndexingStatus, count: Int)]? {
        var counts: [(IndexingStatus, Int)] = []
        for status in IndexingStatus.allCases {
            let page = try await images(ListRequest(filter: RemoteFilter(status: status), limit: 1))
            guard let total = page.total else { return nil }
            counts.append((status, total))
        }
        return counts
    }
}
