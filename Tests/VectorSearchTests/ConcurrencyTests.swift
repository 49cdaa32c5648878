import Domain
import Testing

@testable import VectorSearch

@Suite struct ConcurrencyTests {
    /// Readers, writers and compactions at once. A row that is there all along, replaced again and again, must be in
    /// every result that asks for everything, once.
    @Test func readersSeeWholeStatesWhileWritersWork() async throws {
        let dimension = 64
        var source = VectorSource(dimension: dimension, seed: 31)
        let configuration = SearchConfiguration(
            codeConfidence: 5, groupConfidence: 12, groupingThreshold: 1200, inlineSlots: 300)
        let index = QuantizedVectorIndex(dimension: dimension, configuration: configuration)
        let vectors = (0..<256).map { _ in source.next() }
        let steady: [ImageRow] = [1, 2, 3, 400, 401]
        try await index.insert(
            (1...500).map { VectorEntry(row: $0, embedding: vectors[Int($0) % 256]) }, account: someone)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<60 {
                    try await index.insert(
                        steady.map { VectorEntry(row: $0, embedding: vectors[(Int($0) + round) % 256]) },
                        account: someone)
                    let first = ImageRow(1000 + round * 30)
                    try await index.insert(
                        (first..<first + 30).map { VectorEntry(row: $0, embedding: vectors[Int($0) % 256]) },
                        account: someone)
                    if round % 20 == 19 { await index.settle() }
                }
            }
            group.addTask {
                for row in 5..<300 { try await index.remove([ImageRow(row)], account: someone) }
            }
            for reader in 0..<2 {
                group.addTask {
                    for round in 0..<60 {
                        let query = VectorQuery(
                            embedding: vectors[(round * 7 + reader) % 256], limit: 5000, exact: round % 4 == 0)
                        let rows = try await index.search(query, account: someone).map(\.row)
                        #expect(Set(rows).isSuperset(of: steady))
                        #expect(Set(rows).count == rows.count)
                        let few = VectorQuery(
                            embedding: vectors[round], limit: 3, allowed: RowSet(steady))
                        #expect(try await index.search(few, account: someone).count == 3)
                    }
                }
            }
            try await group.waitForAll()
        }
        await index.settle()
        #expect(index.count == 500 - 295 + 60 * 30)
    }
}
