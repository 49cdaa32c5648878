/// What a client already has, from `If-None-Match` (RFC 9110 section 13.1.2).
struct EntityTags {
    private let header: String?

    init(ifNoneMatch header: String?) { self.header = header }

    /// Whether the client has the representation of that tag, by the weak comparison that the header calls for.
    func contain(_ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { item in
            let item = Self.trimmed(item)
            return item == "*" || (item.hasPrefix("W/") ? item.dropFirst(2) : item) == tag
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
