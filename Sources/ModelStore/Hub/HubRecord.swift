import NIOHTTP1

/// What a hub says of a file in the headers of its answer.
struct HubRecord: Sendable, Hashable {
    /// Of the content, where the hub keeps it by that: 64 hexadecimal digits.
    var sha256: String?
    /// Git's name of the content, for small files: 40 hexadecimal digits.
    var git: String?
    /// Of the whole file.
    var bytes: Int64?
    /// The repository's state.
    var commit: String?

    init() {}

    /// - Parameter headers: of the hub's own answer, not of the place it redirects to.
    init(_ headers: HTTPHeaders) {
        let tag = headers.first(name: "x-linked-etag") ?? headers.first(name: "etag")
        let digits = tag.map { text in
            String((text.hasPrefix("W/") ? text.dropFirst(2) : text[...]).filter { $0 != "\"" })
        }
        if let digits, digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
            if digits.count == 64 { sha256 = digits }
            if digits.count == 40 { git = digits }
        }
        bytes = headers.first(name: "x-linked-size").flatMap(Int64.init)
        commit = headers.first(name: "x-repo-commit").flatMap { text in
            text.count == 40 && text.allSatisfy(\.isHexDigit) ? text : nil
        }
    }
}
