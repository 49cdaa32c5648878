import Domain

extension ImageLibrary {
    /// How many text matches are weighed against what the images show.
    private static let textDepth = 10_000

    /// Ranked by a weighted sum of two scores, each 0...1:
    ///
    ///     score = image_weight x calibrated similarity + text_weight x text score      (weights scaled to a sum of 1)
    ///
    /// with `TextMatches.scores` for the text. A weight of 0 leaves its side out altogether, so weights of 1 and 0 are the
    /// two pure modes. Every text match up to a depth is weighed, and as many of the most similar images as are wanted, so
    /// that an image which only one side finds has its score from the other as well.
    func joinedResults(
        _ query: Embedding?, words: [String], _ weights: JoinedWeights, _ scope: SearchScope
    ) async throws -> [SearchResult] {
        guard weights.text > 0, !words.isEmpty else { return try await visionResults(query, scope) }
        let text = try await catalog.textMatches(
            words, filter: scope.filter, account: scope.account, limit: Self.textDepth
        ).scores

        var similarities: [ImageRow: Float] = [:]
        if let query {
            var found: [VectorHit] = []
            if weights.image > 0 { found += try await hits(query, scope.allowed, limit: scope.wanted + 8, scope) }
            found += try await hits(query, RowSet(text.keys), limit: text.count, scope)
            for hit in found { similarities[hit.row] = hit.similarity }
        }
        let rows = weights.image > 0 ? Array(Set(similarities.keys).union(text.keys)) : Array(text.keys)
        let images = try await searchable(rows, scope)
        let results = images.compactMap { row, image -> SearchResult? in
            let similarity = similarities[row]
            let vision = similarity.map { model.calibration.score(similarity: $0) } ?? 0
            let score = weights.image * vision + weights.text * (text[row] ?? 0)
            guard score >= scope.threshold else { return nil }
            return SearchResult(image: image, score: score, similarity: similarity ?? 0)
        }
        return Array(SearchResult.ranked(results) { $0.score }.prefix(scope.wanted))
    }

    private func hits(
        _ query: Embedding, _ allowed: RowSet?, limit: Int, _ scope: SearchScope
    ) async throws -> [VectorHit] {
        guard limit > 0 else { return [] }
        return try await index.search(
            VectorQuery(embedding: query, limit: limit, allowed: allowed, exact: scope.exact), account: scope.account)
    }
}
