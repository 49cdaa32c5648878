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
    /// Scan full-precision vectors alone.
    public var exact: Bool

    public init(
        text: String? = nil, exampleID: ImageID? = nil, exampleFile: StagedBlob? = nil,
        filter: ImageFilter = ImageFilter(), limit: Int = 10, offset: Int = 0, threshold: Double? = nil,
        exact: Bool = false
    ) {
        self.text = text
        self.exampleID = exampleID
        self.exampleFile = exampleFile
        self.filter = filter
        self.limit = limit
        self.offset = offset
        self.threshold = threshold
        self.exact = exact
    }
}

public struct SearchResult: Sendable {
    public let image: Image
    /// Probability that the image matches, 0...1.
    public let score: Double
    /// Cosine similarity, -1...1.
    public let similarity: Float
}

public enum SearchError: Error, Sendable, Hashable {
    /// The example image does not exist in the account.
    case exampleNotFound(ImageID)
    /// The example image has no vector yet.
    case exampleNotIndexed(ImageID)
}

extension ImageLibrary {
    /// The best matches, best first, ties by id.
    public func search(_ request: SearchRequest, account: AccountID) async throws -> [SearchResult] {
        guard let query = try await embedding(for: request, account: account) else { return [] }
        let allowed =
            request.filter.isEmpty ? nil : try await catalog.rows(matching: request.filter, account: account)
        if let allowed, allowed.count == 0 { return [] }
        let calibration = model.calibration
        let minimum = request.threshold.map { threshold in
            // A hair below, because the score that decides is computed from the similarity and not the reverse.
            threshold <= 0 ? -Float.infinity : calibration.similarity(score: threshold) - 1e-4
        }

        let wanted = request.offset + request.limit
        // The index runs ahead of the catalog by the images being indexed and behind it by those being deleted; where
        // that leaves a page short, look further.
        var depth = wanted + 8
        while true {
            let hits = try await index.search(
                VectorQuery(
                    embedding: query, limit: depth, minimumSimilarity: minimum, allowed: allowed, exact: request.exact),
                account: account)
            let images = Dictionary(
                try await catalog.images(rows: hits.map(\.row), account: account).map { ($0.row, $0) },
                uniquingKeysWith: { first, _ in first })
            let results = hits.compactMap { hit -> SearchResult? in
                guard let image = images[hit.row], image.status == .indexed, image.id != request.exampleID else {
                    return nil
                }
                let score = calibration.score(similarity: hit.similarity)
                guard score >= request.threshold ?? 0 else { return nil }
                return SearchResult(image: image, score: score, similarity: hit.similarity)
            }
            if results.count >= wanted || hits.count < depth {
                let ordered = results.sorted {
                    $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.image.id < $1.image.id
                }
                return Array(ordered.dropFirst(request.offset).prefix(request.limit))
            }
            depth *= 2
        }
    }

    /// One unit vector for all that is asked: the sum of the parts' unit vectors. Nil when they cancel out.
    private func embedding(for request: SearchRequest, account: AccountID) async throws -> Embedding? {
        var parts: [Embedding] = []
        if let text = request.text { parts += try await encoder.embed(texts: [text]) }
        if let id = request.exampleID {
            guard let image = try await catalog.image(id, account: account) else {
                throw SearchError.exampleNotFound(id)
            }
            guard image.status == .indexed, let vector = try await catalog.vector(of: image.row, model: model.id) else {
                throw SearchError.exampleNotIndexed(id)
            }
            parts.append(vector)
        }
        if let file = request.exampleFile {
            _ = try await reader.probe(path: file.path)
            let pixels = try await reader.pixels(path: file.path, preprocessing: model.preprocessing)
            parts += try await encoder.embed(images: [pixels])
        }
        guard let first = parts.first else { return nil }
        guard parts.count > 1 else { return first }
        let sum = parts.dropFirst().reduce(into: first.values) { sum, part in
            for position in sum.indices { sum[position] += part.values[position] }
        }
        return Embedding(normalizing: sum)
    }
}
