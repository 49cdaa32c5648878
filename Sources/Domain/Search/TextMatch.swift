/// An image whose metadata has words of a query.
public struct TextMatch: Sendable, Hashable {
    public let row: ImageRow
    /// BM25 (Robertson & Zaragoza 2009), above 0; comparable within one query only.
    public let relevance: Double

    public init(row: ImageRow, relevance: Double) {
        self.row = row
        self.relevance = relevance
    }
}

/// What a query's words find in the metadata, best first.
public struct TextMatches: Sendable, Hashable {
    public let matches: [TextMatch]
    /// How many of the query's words the best match has, 0...1.
    public let coverage: Double

    public init(_ matches: [TextMatch] = [], coverage: Double = 0) {
        self.matches = matches
        self.coverage = coverage
    }

    /// Each match's score, 0...1: its relevance beside the best one's, times the best one's share of the words. So a match of
    /// one word in five is no good match, though nothing better is there.
    public var scores: [ImageRow: Double] {
        let best = matches.first?.relevance ?? 0
        return Dictionary(
            matches.map { ($0.row, best > 0 ? min(1, max(0, $0.relevance / best)) * coverage : 0) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// The words of a query: runs of letters, digits and marks, each once, in the order of the text.
public enum QueryWords {
    /// The most that count; the rest of a long text is left out.
    public static let limit = 32

    public static func split(_ text: String) -> [String] {
        var seen: Set<String> = []
        return text.unicodeScalars.split { scalar in
            !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || scalar.properties.generalCategory == .nonspacingMark)
        }
        .map { String($0).lowercased() }.filter { seen.insert($0).inserted }.prefix(limit).map { $0 }
    }
}
