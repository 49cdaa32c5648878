import Domain
import Testing

@testable import Inference

/// Many callers at once, and callers that give up.
@Suite struct ConcurrencyTests {
    @Test func manyTasksGetTheAnswersOfOneAtATime() async throws {
        let encoder = try await TestModel().encoder(EncoderOptions(precision: .f32, imageRequests: 3))
        var random = SplitMix64(state: 5)
        let pictures = (0..<40).map { _ in PixelTensor.random(size: TestModel.size, &random) }
        let texts = (0..<40).map { _ in
            (0..<1 + random.below(12)).map { _ in random.pick(TestModel.tokens) }.joined(separator: " ")
        }
        var wanted: [Embedding] = []
        for position in 0..<40 {
            wanted += try await encoder.embed(images: [pictures[position]])
            wanted += try await encoder.embed(texts: [texts[position]])
        }
        try await withThrowingTaskGroup(of: (Int, [Embedding]).self) { group in
            for position in 0..<40 {
                group.addTask { (2 * position, try await encoder.embed(images: [pictures[position]])) }
                group.addTask { (2 * position + 1, try await encoder.embed(texts: [texts[position]])) }
            }
            for _ in 0..<4 {
                group.addTask { (-1, try await encoder.embed(images: pictures)) }
                group.addTask { (-2, try await encoder.embed(texts: texts)) }
            }
            for try await (position, embeddings) in group {
                let expected =
                    position >= 0
                    ? [wanted[position]] : (0..<40).map { wanted[2 * $0 + (position == -1 ? 0 : 1)] }
                #expect(embeddings.count == expected.count)
                for (got, want) in zip(embeddings, expected) { #expect(got.similarity(to: want) > 0.99999) }
            }
        }
    }

    @Test func aCancelledCallStopsAndHarmsNoOther() async throws {
        let encoder = try await TestModel().encoder(EncoderOptions(precision: .f32, imageRequests: 2))
        var random = SplitMix64(state: 9)
        let picture = PixelTensor.random(size: TestModel.size, &random)
        // So many that the call is still at work when it is cancelled, or has not begun: both must end it.
        let many = Array(repeating: picture, count: 200_000)
        for _ in 0..<3 {
            let images = Task { try await encoder.embed(images: many) }
            let texts = Task { try await encoder.embed(texts: Array(repeating: "a red car", count: 50_000)) }
            let other = Task { try await encoder.embed(images: [picture]) }
            images.cancel()
            texts.cancel()
            await #expect(throws: CancellationError.self) { _ = try await images.value }
            await #expect(throws: CancellationError.self) { _ = try await texts.value }
            #expect(try await other.value[0].similarity(to: Expected.image(picture)) > 0.99999)
        }
    }

    @Test func loadingCanBeCancelled() async throws {
        let loading = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await TestModel().encoder()
        }
        await #expect(throws: CancellationError.self) { _ = try await loading.value }
    }

    @Test func encodersCanBeLoadedAndLetGoSideBySide() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<6 {
                group.addTask {
                    let encoder = try await TestModel().encoder(EncoderOptions())
                    _ = try await encoder.embed(texts: ["a dog"])
                }
            }
            try await group.waitForAll()
        }
    }
}
