import Domain
import Testing

@testable import VectorSearch

@Suite struct IndexTests {
    private func entries(_ rows: Range<Int>, _ source: inout VectorSource) -> [VectorEntry] {
        rows.map { VectorEntry(row: ImageRow($0), embedding: source.next()) }
    }

    @Test(arguments: [1, 5, 64, 100, 512]) func findsWhatIsThere(dimension: Int) async throws {
        var source = VectorSource(dimension: dimension, seed: 1)
        let index = QuantizedVectorIndex(dimension: dimension)
        var plain = PlainIndex()
        let all = entries(1..<600, &source)
        try await index.insert(all, account: someone)
        plain.insert(all)
        #expect(index.count == 599)
        for limit in [1, 10, 599, 1000] {
            let query = VectorQuery(embedding: source.next(), limit: limit)
            #expect(agree(try await index.search(query, account: someone), plain.search(query)))
        }
    }

    @Test func accountsDoNotSeeEachOther() async throws {
        var source = VectorSource(dimension: 64, seed: 2)
        let index = QuantizedVectorIndex(dimension: 64)
        try await index.insert(entries(1..<50, &source), account: someone)
        try await index.insert(entries(50..<60, &source), account: someoneElse)
        let hits = try await index.search(VectorQuery(embedding: source.next(), limit: 100), account: someoneElse)
        #expect(Set(hits.map(\.row)) == Set(50..<60))
        try await index.remove([1, 2], account: someoneElse)
        #expect(index.count == 59)
        let nobody = AccountID(UUIDValue(high: 9, low: 9))
        #expect(try await index.search(VectorQuery(embedding: source.next(), limit: 3), account: nobody).isEmpty)
    }

    @Test func wrongDimensionsAreRefusedWhole() async throws {
        var source = VectorSource(dimension: 8, seed: 3)
        let index = QuantizedVectorIndex(dimension: 8)
        let short = Embedding(normalizing: [1, 2])!
        await #expect(throws: VectorIndexError.wrongDimension(expected: 8, got: 2)) {
            try await index.insert(
                [VectorEntry(row: 1, embedding: source.next()), VectorEntry(row: 2, embedding: short)], account: someone
            )
        }
        #expect(index.count == 0)
        await #expect(throws: VectorIndexError.wrongDimension(expected: 8, got: 2)) {
            try await index.search(VectorQuery(embedding: short, limit: 1), account: someone)
        }
    }

    @Test func tiesGoToTheSmallerRowAndTheLimitHoldsAmongThem() async throws {
        var source = VectorSource(dimension: 32, seed: 4)
        let index = QuantizedVectorIndex(dimension: 32)
        let same = source.next()
        let rows: [ImageRow] = [900, 3, 77, 12, 500, 4, 8]
        try await index.insert(rows.map { VectorEntry(row: $0, embedding: same) }, account: someone)
        for exact in [false, true] {
            let hits = try await index.search(VectorQuery(embedding: same, limit: 4, exact: exact), account: someone)
            #expect(hits.map(\.row) == [3, 4, 8, 12])
        }
    }

    @Test func nothingIsFoundForNoLimitAnEmptyFilterOrAThresholdOutOfReach() async throws {
        var source = VectorSource(dimension: 16, seed: 5)
        let index = QuantizedVectorIndex(dimension: 16)
        try await index.insert(entries(1..<10, &source), account: someone)
        let query = source.next()
        #expect(try await index.search(VectorQuery(embedding: query, limit: 0), account: someone).isEmpty)
        #expect(
            try await index.search(VectorQuery(embedding: query, limit: 5, allowed: RowSet()), account: someone).isEmpty
        )
        #expect(
            try await index.search(VectorQuery(embedding: query, limit: 5, minimumSimilarity: 1.1), account: someone)
                .isEmpty)
    }

    @Test func thresholdAndFilterHoldTogether() async throws {
        var source = VectorSource(dimension: 128, seed: 6)
        let index = QuantizedVectorIndex(dimension: 128)
        var plain = PlainIndex()
        let all = entries(1..<5000, &source)
        try await index.insert(all, account: someone)
        plain.insert(all)
        for step in [2, 10, 100, 1000] {
            let allowed = RowSet((1..<5000).filter { $0 % step == 0 }.map { ImageRow($0) })
            for minimum in [nil, 0.3, 0.6] as [Float?] {
                for exact in [false, true] {
                    let query = VectorQuery(
                        embedding: source.next(), limit: 10, minimumSimilarity: minimum, allowed: allowed, exact: exact)
                    #expect(agree(try await index.search(query, account: someone), plain.search(query)))
                }
            }
        }
    }

    /// Long random histories, with small thresholds so that growth, compaction and grouping all happen in them.
    @Test(arguments: [11, 12, 13, 14] as [UInt64]) func randomHistories(seed: UInt64) async throws {
        let dimension = [48, 64, 100, 192][Int(seed % 4)]
        var source = VectorSource(dimension: dimension, seed: seed)
        let configuration = SearchConfiguration(
            codeConfidence: 4.5, groupConfidence: 6, groupingThreshold: 800, inlineSlots: 400)
        let index = QuantizedVectorIndex(dimension: dimension, configuration: configuration)
        var plain = PlainIndex()
        var lastRow = 0
        var wrong = 0
        for step in 0..<150 {
            switch Int.random(in: 0..<10, using: &source.random) {
            case 0..<4:
                let added = entries(lastRow + 1..<lastRow + Int.random(in: 2..<80, using: &source.random), &source)
                lastRow += added.count
                try await index.insert(added, account: someone)
                plain.insert(added)
            case 4..<6 where !plain.vectors.isEmpty:
                // Replaces some, one of them twice in the same call.
                let rows = (0..<9).map { _ in Int.random(in: 1...lastRow, using: &source.random) }
                let again = (rows + rows.prefix(1)).map {
                    VectorEntry(row: ImageRow($0), embedding: source.next())
                }
                try await index.insert(again, account: someone)
                plain.insert(again)
            case 6:
                let rows = (0..<30).map { _ in ImageRow(Int.random(in: 1...lastRow + 5, using: &source.random)) }
                try await index.remove(rows, account: someone)
                for row in rows { plain.vectors[row] = nil }
            default:
                break
            }
            if step % 37 == 36 { await index.settle() }
            let share = [1, 2, 10, 50][step % 4]
            let allowed =
                share == 1
                ? nil : RowSet((1..<lastRow + 2).filter { $0 % share == 0 }.map { ImageRow($0) })
            let query = VectorQuery(
                embedding: source.next(), limit: [1, 10, 50][step % 3],
                minimumSimilarity: step % 5 == 0 ? 0.4 : nil, allowed: allowed, exact: step % 7 == 0)
            let hits = try await index.search(query, account: someone)
            if !agree(hits, plain.search(query)) {
                wrong += 1
                #expect(!query.exact, "seed \(seed) step \(step): the exact scan differs")
                #expect(hits.count == plain.search(query).count, "seed \(seed) step \(step)")
            }
            #expect(index.count == plain.vectors.count, "seed \(seed) step \(step)")
        }
        // The bounds are statistical: at these confidences not one of some thousands of neighbours is expected lost.
        #expect(wrong <= 1, "seed \(seed): \(wrong) of 150 searches differ from brute force")
    }
}
