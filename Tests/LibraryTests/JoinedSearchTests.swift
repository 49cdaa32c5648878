import Domain
import Library
import LibraryTesting
import Testing

/// What images show and what their metadata says, together.
@Suite struct JoinedSearchTests {
    private func filled() async throws -> (TestLibrary, [String: ImageID]) {
        let test = try await TestLibrary()
        var ids: [String: ImageID] = [:]
        for (name, bytes, caption) in [
            ("red said", Pictures.red, "a red door"), ("red unsaid", Pictures.plain([231, 0, 0]), "nothing to see"),
            ("blue said red", Pictures.blue, "red paint, they said"), ("blue", Pictures.plain([0, 0, 211]), "the sea"),
        ] {
            ids[name] = try await test.upload([bytes], metadata: ["caption": .string(caption)])[0].id
        }
        try await test.indexAll()
        return (test, ids)
    }

    private func order(
        _ test: TestLibrary, _ ids: [String: ImageID], _ text: String, image: Double, words: Double,
        threshold: Double? = nil
    ) async throws -> [String] {
        let weights = try #require(JoinedWeights(image: image, text: words))
        let found = try await test.library.search(
            SearchRequest(text: text, threshold: threshold, mode: .joined(weights)), account: test.account)
        for result in found { #expect((0...1).contains(result.score)) }
        return found.compactMap { result in ids.first { $0.value == result.image.id }?.key }
    }

    @Test func bothSidesCount() async throws {
        let (test, ids) = try await filled()
        let both = try await order(test, ids, "red", image: 1, words: 1)
        #expect(both.first == "red said" && both.last == "blue" && both.count == 4)
        #expect(try await order(test, ids, "red", image: 9, words: 1).prefix(2) == ["red said", "red unsaid"])
        #expect(Set(try await order(test, ids, "red", image: 1, words: 9).prefix(2)) == ["red said", "blue said red"])
    }

    @Test func aWeightOfZeroLeavesASideOut() async throws {
        let (test, ids) = try await filled()
        #expect(Set(try await order(test, ids, "red", image: 0, words: 1)) == ["red said", "blue said red"])
        let vision = try await test.library.search(SearchRequest(text: "red"), account: test.account)
        let pure = try await order(test, ids, "red", image: 1, words: 0)
        #expect(pure == vision.compactMap { result in ids.first { $0.value == result.image.id }?.key })
    }

    @Test func aThresholdIsOfTheJointScore() async throws {
        let (test, ids) = try await filled()
        #expect(try await order(test, ids, "red", image: 1, words: 1, threshold: 0.9) == ["red said"])
        #expect(try await order(test, ids, "red", image: 1, words: 1, threshold: 1).isEmpty)
    }

    @Test func weightsMustMakeSense() {
        for (image, text) in [(-1.0, 2.0), (0, 0), (1, -1), (.infinity, 1), (.nan, 1)] {
            #expect(JoinedWeights(image: image, text: text) == nil)
        }
        #expect(JoinedWeights(image: 3, text: 1)?.image == 0.75)
    }
}
