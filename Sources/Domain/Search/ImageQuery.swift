/// Which images: conditions that must all hold. Empty means every image of the account.
public struct ImageFilter: Sendable, Hashable {
    public var conditions: [Condition]
    public init(_ conditions: [Condition] = []) { self.conditions = conditions }
    public var isEmpty: Bool { conditions.isEmpty }

    public enum Condition: Sendable, Hashable {
        case ids([ImageID])
        case status([IndexingStatus])
        case contentType([String])
        /// Inclusive.
        case uploadedAfter(Timestamp)
        /// Exclusive.
        case uploadedBefore(Timestamp)
        case metadata(field: MetadataPath, comparison: Comparison)
    }

    /// A metadata field: `a.b` is member `b` of member `a`.
    public struct MetadataPath: Sendable, Hashable, CustomStringConvertible {
        public let components: [String]
        public init(components: [String]) { self.components = components }
        public var description: String { components.joined(separator: ".") }
    }

    /// Numbers compare as numbers, strings by their UTF-8 bytes; a value of another type never matches, except
    /// that `ne` matches it, and a missing field.
    public enum Comparison: Sendable, Hashable {
        case equal(JSONValue)
        case notEqual(JSONValue)
        case oneOf([JSONValue])
        case greater(JSONValue), greaterOrEqual(JSONValue), less(JSONValue), lessOrEqual(JSONValue)
        case exists(Bool)
        case prefix(String)
    }
}

/// One page of an account's images.
public struct ImageQuery: Sendable, Hashable {
    public enum Sort: String, Sendable, Hashable, CaseIterable {
        case uploadTimestamp = "upload_timestamp"
        case recordedTimestamp = "recorded_timestamp_utc"
        case sizeBytes = "size_bytes"
    }
    public enum Order: String, Sendable, Hashable, CaseIterable { case ascending = "asc", descending = "desc" }

    public var filter: ImageFilter
    public var sort: Sort
    public var order: Order
    public var limit: Int
    public var offset: Int
    /// Where the previous page ended; takes the place of `offset`.
    public var after: Cursor?

    public init(
        filter: ImageFilter = ImageFilter(), sort: Sort = .uploadTimestamp, order: Order = .descending,
        limit: Int = 20, offset: Int = 0, after: Cursor? = nil
    ) {
        self.filter = filter
        self.sort = sort
        self.order = order
        self.limit = limit
        self.offset = offset
        self.after = after
    }

    /// The sort key and id of a page's last image: stable under inserts and deletes. Images without the sort
    /// field come last in either order and have no key. A cursor belongs to the order it was made in.
    public struct Cursor: Sendable, Hashable {
        public let sort: Sort
        public let order: Order
        public let key: Double?
        public let id: ImageID

        public init(sort: Sort, order: Order, key: Double?, id: ImageID) {
            self.sort = sort
            self.order = order
            self.key = key
            self.id = id
        }
    }
}

public struct ImagePage: Sendable {
    public let images: [Image]
    /// All that match, whatever the page.
    public let total: Int
    /// For the page after this one; nil on the last.
    public let next: ImageQuery.Cursor?

    public init(images: [Image], total: Int, next: ImageQuery.Cursor?) {
        self.images = images
        self.total = total
        self.next = next
    }
}
