import Domain
import Testing

@Suite struct CatalogRepairTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: CatalogEngine.allCases)
    func aNewModelQueuesWhatTheOldOneIndexed(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let images = try await catalog.insert(
            [.sample(account), .sample(account), .sample(account, index: false)], model: model, answer: nil)
        let first = try await catalog.claimJobs(limit: 1, worker: "w", lease: 10, at: 2_000_000_000)
        let embedding = try #require(Embedding(normalizing: [1, 2]))
        _ = try await catalog.complete([JobCompletion(job: first[0], outcome: .indexed(embedding))], at: 1)
        #expect(try await catalog.strandedImages(model: model) == 0)
        #expect(try await catalog.queueStranded(model: model, at: 1) == 0)

        let next = ModelID(rawValue: "test-2")
        #expect(try await catalog.strandedImages(model: next) == 2)
        #expect(try await catalog.queueStranded(model: next, at: 1) == 2)
        let jobs = try await catalog.claimJobs(limit: 9, worker: "w", lease: 10, at: 2_000_000_000)
        #expect(Set(jobs.map(\.imageID)) == Set(images.prefix(2).map(\.id)) && jobs.allSatisfy { $0.model == next })
        #expect(try await catalog.imageCounts()[.inProgress] == 2)
        #expect(try await catalog.image(images[2].id, account: account)?.status == .notIndexed)
    }

    @Test(arguments: CatalogEngine.allCases)
    func aSoundCatalogHasNoFaults(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        _ = try await catalog.insert([.sample(account), .sample(account)], model: model, answer: nil)
        #expect(try await catalog.verify().isEmpty)
        #expect(try await catalog.wrongBlobReferences() == 0)
    }
}
