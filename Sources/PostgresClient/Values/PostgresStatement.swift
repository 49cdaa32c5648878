/// A statement and what is bound to it.
public struct PostgresStatement: Sendable {
    public let sql: String
    public let parameters: [PostgresParameter]
    /// Whether the server keeps the parsed statement for the next time. False where the text is likely never to come
    /// again, or where its plan should always be made for the values at hand.
    public let isKept: Bool

    public init(_ sql: String, _ parameters: [PostgresParameter] = [], isKept: Bool = true) {
        self.sql = sql
        self.parameters = parameters
        self.isKept = isKept
    }
}
