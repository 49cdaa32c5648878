import Domain

public struct SearchResult: Sendable {
    public let image: Image
    /// Probability that the image matches, 0...1.
    public let score: Double
    /// Cosine similarity, -1...1.
    public let similarity: Float
}

extension SearchResult {
    /// Highest key first, ties by id.
    static func ranked(_ results: [SearchResult], by key: (SearchResult) -> Double) -> [SearchResult] {
        results.map { (key: key($0), result: $0) }
            .sorted { $0.key != $1.key ? $0.key > $1.key : $0.result.image.id < $1.result.image.id }
            .map(\.result)
    }
}

/// Where a search looks and how far.
struct SearchScope: Sendable {
    let account: AccountID
    let filter: ImageFilter
    /// The filter's rows; nil for all.
    let allowed: RowSet?
    /// How many results are of use.
    let wanted: Int
    /// The least score of a result.
    let threshold: Double
    /// The example, which is not among its own likes.
    let excluded: ImageID?
    let exact: Bool
}

public enum SearchError: Error, Sendable, Hashable {
    /// The example image does not exist in the account.
    case exampleNotFound(ImageID)
    /// The example image has no vector yet.
    case exampleNotIndexed(ImageID)
}

extension ImageLibrary {
    /// How many of the best a search looks at that does more than show them in their order.
    static let poolSize = 1000
    /// The least score of a result where another order than the score's is asked for and no threshold is given: what comes
    /// first must not be what hardly matches.
    static let relevantScore = 0.5

    /// The best matches in the order asked for, ties by id.
    public func search(_ request: SearchRequest, account: AccountID) async throws -> [SearchResult] {
        let query = try await embedding(for: request, account: account)
        let allowed =
            request.filter.isEmpty ? nil : try await catalog.rows(matching: request.filter, account: account)
        if let allowed, allowed.count == 0 { return [] }
        let isPlain = request.sort == nil && !request.groupsDuplicates
        let wanted = isPlain ? request.offset + request.limit : max(Self.poolSize, request.offset + request.limit)
        let threshold = request.threshold ?? (request.sort == nil ? 0 : Self.relevantScore)
        let scope = SearchScope(
            account: account, filter: request.filter, allowed: allowed, wanted: wanted, threshold: threshold,
            excluded: request.exampleID, exact: request.exact)
        var results =
            switch request.mode {
            case .vision: try await visionResults(query, scope)
            case .joined(let weights):
                try await joinedResults(query, words: QueryWords.split(request.text ?? ""), weights, scope)
            }
        if request.groupsDuplicates { results = Self.withoutDuplicates(results) }
        if let sort = request.sort { results = sort.sorted(results) }
        return Array(results.dropFirst(request.offset).prefix(request.limit))
    }

    /// Ranked by similarity to the query, best first. Nothing is similar to a query that cancels itself out.
    func visionResults(_ query: Embedding?, _ scope: SearchScope) async throws -> [SearchResult] {
        guard let query else { return [] }
        let calibration = model.calibration
        let minimum: Float =
            // A hair below, because the score that decides is computed from the similarity and not the reverse.
            scope.threshold <= 0 ? -.infinity : calibration.similarity(score: scope.threshold) - 1e-4
        // The index runs ahead of the catalog by the images being indexed and behind it by those being deleted; where
        // that leaves a page short, look further.
        var depth = scope.wanted + 8
        while true {
            let hits = try await index.search(
                VectorQuery(
                    embedding: query, limit: depth, minimumSimilarity: minimum, allowed: scope.allowed,
                    exact: scope.exact),
                account: scope.account)
            let images = try await searchable(hits.map(\.row), scope)
            let results = hits.compactMap { hit -> SearchResult? in
                guard let image = images[hit.row] else { return nil }
                let score = calibration.score(similarity: hit.similarity)
                guard score >= scope.threshold else { return nil }
                return SearchResult(image: image, score: score, similarity: hit.similarity)
            }
            if results.count >= scope.wanted || hits.count < depth {
                return Array(SearchResult.ranked(results) { Double($0.similarity) }.prefix(scope.wanted))
            }
            depth *= 2
        }
    }

    /// Those of the rows that a search may show, by row.
    func searchable(_ rows: [ImageRow], _ scope: SearchScope) async throws -> [ImageRow: Image] {
        let images = try await catalog.images(rows: rows, account: scope.account)
        return Dictionary(
            images.filter { $0.status == .indexed && $0.id != scope.excluded }.map { ($0.row, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The best of each set of images with the same bytes.
    private static func withoutDuplicates(_ results: [SearchResult]) -> [SearchResult] {
        var seen: Set<ContentHash> = []
        return results.filter { seen.insert($0.image.contentHash).inserted }
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
