import Domain
import Library
import LibraryTesting
import Testing

@Suite struct SearchTests {
    /// A dozen pictures from red to blue, and one of each with the same bytes.
    private func filled() async throws -> (TestLibrary, [Image]) {
        let test = try await TestLibrary()
        let colours = (0..<12).map { [UInt8(240 - $0 * 20), 0, UInt8($0 * 20)] }
        var images: [Image] = []
        for (number, colour) in colours.enumerated() {
            images += try await test.upload(
                [Pictures.plain(colour), Pictures.plain(colour)], metadata: ["n": .number(JSONNumber(number))])
        }
        try await test.indexAll()
        return (test, images)
    }

    private func search(_ test: TestLibrary, _ request: SearchRequest) async throws -> [SearchResult] {
        try await test.library.search(request, account: test.account)
    }

    @Test func theBestComesFirstAndTiesAreById() async throws {
        let (test, images) = try await filled()
        let found = try await search(test, SearchRequest(text: "red", limit: 100))
        #expect(found.count == 24 && Set(found.map(\.image.id)) == Set(images.map(\.id)))
        #expect(found.prefix(2).map(\.image.id) == images.prefix(2).map(\.id))
        for (a, b) in zip(found, found.dropFirst()) {
            #expect(a.similarity > b.similarity || a.similarity == b.similarity && a.image.id < b.image.id)
            #expect(a.score >= b.score)
        }
        for result in found {
            #expect(result.score == test.library.model.calibration.score(similarity: result.similarity))
        }
        #expect(
            try await search(test, SearchRequest(text: "red", limit: 100, exact: true)).map(\.image.id)
                == found.map(\.image.id))
    }

    @Test func pagesHaveEachResultOnce() async throws {
        let (test, _) = try await filled()
        let all = try await search(test, SearchRequest(text: "blue", limit: 200)).map(\.image.id)
        for size in [1, 5, 7, 24, 30] {
            var pages: [ImageID] = []
            var offset = 0
            while case let page = try await search(test, SearchRequest(text: "blue", limit: size, offset: offset)),
                !page.isEmpty
            {
                #expect(page.count <= size)
                pages += page.map(\.image.id)
                offset += size
            }
            #expect(pages == all, "pages of \(size)")
        }
    }

    @Test func aThresholdKeepsWhatScoresAsMuch() async throws {
        let (test, _) = try await filled()
        let all = try await search(test, SearchRequest(text: "red", limit: 200))
        #expect(all.last!.score < 0.1 && all.first!.score > 0.9)
        for result in all {
            let found = try await search(test, SearchRequest(text: "red", limit: 200, threshold: result.score))
            #expect(found.map(\.image.id) == all.filter { $0.score >= result.score }.map(\.image.id))
        }
        #expect(try await search(test, SearchRequest(text: "red", limit: 200, threshold: 0)).count == 24)
        #expect(try await search(test, SearchRequest(text: "red", limit: 200, threshold: 1)).isEmpty)
    }

    @Test func aFilterNeverStarvesTheResult() async throws {
        let (test, images) = try await filled()
        let filter = ImageFilter([
            .metadata(
                field: ImageFilter.MetadataPath(components: ["n"]), comparison: .greaterOrEqual(.number(JSONNumber(10)))
            )
        ])
        let found = try await search(test, SearchRequest(text: "red", filter: filter, limit: 4))
        #expect(found.map(\.image.id) == images.suffix(4).map(\.id))
        let none = ImageFilter([.ids([test.identifiers.next()])])
        #expect(try await search(test, SearchRequest(text: "red", filter: none)).isEmpty)
    }

    @Test func whatIsNotIndexedOrNotMineIsNotFound() async throws {
        let (test, images) = try await filled()
        _ = try await test.upload([Pictures.red], index: false)
        _ = try await test.upload([Pictures.red])
        #expect(try await search(test, SearchRequest(text: "red", limit: 200)).count == 24)
        let stranger = try await test.newAccount("other")
        #expect(try await test.library.search(SearchRequest(text: "red"), account: stranger).isEmpty)
        // Out of the index and in again.
        _ = try await test.library.unindex(images[0].id, account: test.account)
        #expect(try await search(test, SearchRequest(text: "red", limit: 200)).count == 23)
        _ = try await test.library.reindex(images[0].id, account: test.account)
        #expect(try await search(test, SearchRequest(text: "red", limit: 200)).count == 23)
        try await test.indexAll()
        #expect(try await search(test, SearchRequest(text: "red", limit: 200)).count == 25)
        #expect(try await test.library.reindex(images[0].id, account: stranger) == nil)
        #expect(try await test.library.unindex(images[0].id, account: stranger) == nil)
    }

    @Test func moreLikeThisOne() async throws {
        let (test, images) = try await filled()
        let found = try await search(test, SearchRequest(exampleID: images[4].id, limit: 3))
        #expect(found.first?.image.id == images[5].id && !found.contains { $0.image.id == images[4].id })

        let stranger = try await test.newAccount("other")
        await #expect(throws: SearchError.exampleNotFound(images[4].id)) {
            try await test.library.search(SearchRequest(exampleID: images[4].id), account: stranger)
        }
        let fresh = try #require(try await test.upload([Pictures.green]).first)
        await #expect(throws: SearchError.exampleNotIndexed(fresh.id)) {
            try await search(test, SearchRequest(exampleID: fresh.id))
        }
    }

    @Test func aPictureAloneAndWithWords() async throws {
        let (test, images) = try await filled()
        guard case .complete(let file) = try await test.file(Pictures.red) else { return }
        let alone = try await search(test, SearchRequest(exampleFile: file.blob, limit: 2))
        #expect(alone.map(\.image.id) == images.prefix(2).map(\.id))
        // Half red and half blue is in the middle.
        let both = try await search(test, SearchRequest(text: "blue", exampleFile: file.blob, limit: 2))
        #expect(Set(both.map(\.image.id)) == Set(images[12...13].map(\.id)))
        guard case .complete(let bad) = try await test.file(Pictures.text) else { return }
        await #expect(throws: ImageReadingError.self) { try await search(test, SearchRequest(exampleFile: bad.blob)) }
        await test.library.discard([file.blob, bad.blob])
        #expect(test.temporaries == 0)
    }

    @Test func duplicatesAreShownOnceWhereAskedFor() async throws {
        let (test, images) = try await filled()
        let found = try await search(test, SearchRequest(text: "red", limit: 100, groupsDuplicates: true))
        #expect(found.map(\.image.id) == stride(from: 0, to: 24, by: 2).map { images[$0].id })
        let page = try await search(test, SearchRequest(text: "red", limit: 2, offset: 3, groupsDuplicates: true))
        #expect(page.map(\.image.id) == [images[6].id, images[8].id])
    }

    @Test func anotherOrderIsOfWhatMatches() async throws {
        let (test, images) = try await filled()
        let relevant = try await search(test, SearchRequest(text: "red", limit: 100, threshold: 0.5))
        let sorted = try await search(test, SearchRequest(text: "red", limit: 100, sort: .sizeBytes))
        #expect(!relevant.isEmpty && relevant.count < images.count)
        #expect(Set(sorted.map(\.image.id)) == Set(relevant.map(\.image.id)))
        for (a, b) in zip(sorted, sorted.dropFirst()) {
            #expect(a.image.properties.sizeBytes >= b.image.properties.sizeBytes)
        }
    }
}
