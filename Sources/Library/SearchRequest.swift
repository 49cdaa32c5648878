import Domain

/// What to look for: words, an image of the library, a picture, or several of them together.
public struct SearchRequest: Sendable {
    public var text: String?
    /// "More like this one."
    public var exampleID: ImageID?
    /// A picture sent with the request.
    public var exampleFile: StagedBlob?
    public var filter: ImageFilter
    public var limit: Int
    public var offset: Int
    /// The least score of a result, 0...1.
    public var threshold: Double?
    /// What the score is made of.
    public var mode: SearchMode
    /// The order of the results; nil for the best first.
    public var sort: ImageQuery.Sort?
    /// Show one image of several with the same bytes.
    public var groupsDuplicates: Bool
    /// Scan full-precision vectors alone.
    public var exact: Bool

    public init(
        text: String? = nil, exampleID: ImageID? = nil, exampleFile: StagedBlob? = nil,
        filter: ImageFilter = ImageFilter(), limit: Int = 10, offset: Int = 0, threshold: Double? = nil,
        mode: SearchMode = .vision, sort: ImageQuery.Sort? = nil, groupsDuplicates: Bool = false, exact: Bool = false
    ) {
        self.text = text
        self.exampleID = exampleID
        self.exampleFile = exampleFile
        self.filter = filter
        self.limit = limit
        self.offset = offset
        self.threshold = threshold
        self.mode = mode
        self.sort = sort
        self.groupsDuplicates = groupsDuplicates
        self.exact = exact
    }
}

/// What a search's score is made of.
public enum SearchMode: Sendable, Hashable {
    /// What the image shows.
    case vision
    /// What it shows and what its metadata says.
    case joined(JoinedWeights)
}

/// How much content and text count in a joined search: their share of the sum.
public struct JoinedWeights: Sendable, Hashable {
    public let image: Double
    public let text: Double

    /// - Returns: nil unless both are finite, neither is negative, and one of them is positive.
    public init?(image: Double, text: Double) {
        let sum = image + text
        guard image >= 0, text >= 0, sum > 0, sum.isFinite else { return nil }
        self.image = image / sum
        self.text = text / sum
    }

    public static let equal = JoinedWeights(image: 1, text: 1)!
}

extension ImageQuery.Sort {
    /// Largest first, images without the key last, ties by id.
    func sorted(_ results: [SearchResult]) -> [SearchResult] {
        SearchResult.ranked(results) { result in
            switch self {
            case .uploadTimestamp: result.image.uploadedAt
            case .recordedTimestamp: result.image.metadata["recorded_timestamp_utc"]?.number?.double ?? -.infinity
            case .sizeBytes: Double(result.image.properties.sizeBytes)
            }
        }
    }
}
