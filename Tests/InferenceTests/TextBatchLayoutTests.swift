import Testing

@testable import Inference

@Suite struct TextBatchLayoutTests {
    @Test func everyTextIsInOneBatchThatIsLongEnough() {
        var random = SplitMix64(state: 3)
        for round in 0..<200 {
            let layout = TextBatchLayout(
                fixedRows: round % 5 == 0 ? 4 : nil, fixedLength: round % 7 == 0 ? 64 : nil, contextLength: 64)
            let lengths = (0..<random.below(150)).map { _ in 2 + random.below(63) }
            let batches = layout.batches(lengths: lengths)
            #expect(batches.flatMap(\.texts).sorted() == Array(lengths.indices))
            for batch in batches {
                #expect(!batch.texts.isEmpty && batch.texts.count <= batch.rows && batch.rows <= 32)
                #expect(batch.texts.allSatisfy { lengths[$0] <= batch.length })
                #expect(batch.length <= 64)
            }
            // Few shapes, or the runtime prepares for a new one again and again.
            #expect(Set(batches.map { [$0.rows, $0.length] }).count <= 6 * 8)
        }
    }

    @Test func aSingleTextIsHardlyPadded() {
        let layout = TextBatchLayout(fixedRows: nil, fixedLength: nil, contextLength: 12)
        #expect(layout.batches(lengths: [5]) == [.init(texts: [0], rows: 1, length: 8)])
        #expect(layout.batches(lengths: [11]) == [.init(texts: [0], rows: 1, length: 12)])
        #expect(
            layout.batches(lengths: [9, 2, 3, 12, 8])
                == [.init(texts: [1, 2, 4], rows: 4, length: 8), .init(texts: [0, 3], rows: 2, length: 12)])
    }
}
