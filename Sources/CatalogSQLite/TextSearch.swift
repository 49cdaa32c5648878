import Domain
import GRDB

extension SQLiteCatalog {
    public func textMatches(
        _ words: [String], filter: ImageFilter, account: AccountID, limit: Int
    ) async throws -> TextMatches {
        guard !words.isEmpty, limit > 0 else { return TextMatches() }
        return try await read { database in
            // As the triggers spell it: hex() of the 16 bytes.
            let owner = account.description.uppercased().filter { $0 != "-" }
            let any = words.map(Self.phrase).joined(separator: " OR ")
            let allowed = filter.predicate(account: account)
            // FTS5's bm25() is negative, the best the least; a word of the caption weighs three of the others.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT image.row, -bm25(image_text, 0, 3, 1) AS relevance
                    FROM image_text JOIN image ON image.row = image_text.rowid
                    WHERE image_text MATCH ? AND image.status = 2 AND \(allowed.sql)
                    ORDER BY relevance DESC, image.id LIMIT ?
                    """,
                arguments: ["owner : \(Self.phrase(owner)) AND {caption words} : (\(any))"] + allowed.arguments + [
                    limit
                ])
            guard let best = rows.first else { return TextMatches() }
            let bestRow: ImageRow = best[0]
            var found = 0
            for word in words {
                let matches = try Bool.fetchOne(
                    database,
                    sql: "SELECT EXISTS (SELECT 1 FROM image_text WHERE image_text MATCH ? AND rowid = ?)",
                    arguments: ["{caption words} : \(Self.phrase(word))", bestRow])
                if matches == true { found += 1 }
            }
            return TextMatches(
                rows.map { TextMatch(row: $0[0], relevance: $0[1]) },
                coverage: Double(found) / Double(words.count))
        }
    }

    /// A word as an FTS5 string: whatever is in it, it is no operator.
    private static func phrase(_ word: String) -> String {
        "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
