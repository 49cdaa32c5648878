import Domain
import Testing

@Suite struct TextMatchTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func indexed(
        _ catalog: any Catalog, _ account: AccountID, _ metadata: [JSONObject]
    ) async throws -> [Image] {
        let images = try await catalog.insert(
            metadata.map { .sample(account, metadata: $0) }, model: model, answer: nil)
        let jobs = try await catalog.claimJobs(limit: 1000, worker: "w", lease: 60, at: 1_764_000_001)
        let vector = try #require(Embedding(normalizing: [1, 2, 3, 4]))
        _ = try await catalog.complete(
            jobs.map { JobCompletion(job: $0, outcome: .indexed(vector)) }, at: 1_764_000_002)
        return images
    }

    @Test(arguments: CatalogEngine.allCases)
    func wordsAreFoundWhereverTheMetadataHasThem(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let (mine, theirs) = (try await catalog.newAccount("mine"), try await catalog.newAccount("theirs"))
        let images = try await indexed(
            catalog, mine,
            [
                ["caption": "Ein roter Wagen, two cars parking"],
                ["detection_metadata": [["class_name": "car", "license_plate_number": "B-XY 123"]]],
                ["note": "nothing of the kind"], ["caption": "été à la plage"],
            ])
        _ = try await indexed(catalog, theirs, [["caption": "a car"]])
        func found(_ text: String, _ filter: ImageFilter = ImageFilter()) async throws -> [ImageRow] {
            try await catalog.textMatches(QueryWords.split(text), filter: filter, account: mine, limit: 100)
                .matches.map(\.row)
        }
        // Stemmed, whatever the case, without accents; the caption first; another account's never.
        #expect(try await found("Car") == [images[0].row, images[1].row])
        #expect(try await found("ETE") == [images[3].row])
        #expect(try await found("xy-123") == [images[1].row])
        #expect(try await found("car", ImageFilter([.ids([images[1].id])])) == [images[1].row])
        #expect(try await found("zebra").isEmpty)
        // The account's own words are no words of its images, and operators are words.
        #expect(try await found(mine.description).isEmpty)
        #expect(try await found(#"owner : "x" OR * NOT ( NEAR"#).isEmpty)

        _ = try await catalog.setMetadata(["caption": "a zebra"], of: images[0].id, account: mine)
        #expect(try await found("zebra") == [images[0].row])
        #expect(try await found("car") == [images[1].row])
        _ = try await catalog.delete([images[1].id], account: mine)
        #expect(try await found("car").isEmpty)
        _ = try await catalog.withdrawFromIndex(images[0].id, account: mine)
        #expect(try await found("zebra").isEmpty)
    }

    @Test(arguments: CatalogEngine.allCases)
    func aMatchOfOneWordInFourIsNoGoodMatch(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let images = try await indexed(
            catalog, account, [["caption": "a red car at night"], ["caption": "a dog"], ["caption": "a cat"], [:], [:]])
        let some = try await catalog.textMatches(
            ["blue", "dog", "under", "trees"], filter: ImageFilter(), account: account, limit: 9)
        #expect(some.scores == [images[1].row: 0.25])
        let all = try await catalog.textMatches(["red", "car"], filter: ImageFilter(), account: account, limit: 9)
        #expect(all.scores == [images[0].row: 1])
    }
}
