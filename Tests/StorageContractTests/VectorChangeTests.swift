import CatalogSQLite
import Domain
import Testing

@Suite struct VectorChangeTests {
    let folder: TemporaryFolder
    let catalog: SQLiteCatalog
    let log: any VectorChangeLog

    init() throws {
        folder = try TemporaryFolder()
        catalog = try SQLiteCatalog(path: folder.path + "/catalog.sqlite", maximumAttempts: 2)
        log = catalog
    }

    private func index(_ jobs: [IndexingJob], _ embedding: Embedding) async throws {
        let completions = jobs.map { JobCompletion(job: $0, outcome: .indexed(embedding)) }
        #expect(try await catalog.complete(completions, at: 2_000_000_000).count == jobs.count)
    }

    private func claim() async throws -> [IndexingJob] {
        try await catalog.claimJobs(limit: 1000, worker: "w", lease: 10, at: 2_000_000_000)
    }

    @Test func replayingTheLogGivesWhatTheCatalogHolds() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let accounts = [try await catalog.newAccount("a"), try await catalog.newAccount("b")]
        var copy: [ImageRow: Embedding] = [:]
        var owners: [ImageRow: AccountID] = [:]
        var point = try await log.vectorChangePoint(model: model)
        for round in 0..<40 {
            let account = accounts[Int.random(in: 0...1, using: &random)]
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                _ = try await catalog.insert([.sample(account), .sample(account)], model: model, answer: nil)
            case 2:
                if let image = try await catalog.images(ImageQuery(limit: 1000), account: account).images
                    .randomElement(using: &random)
                {
                    _ = try await catalog.queueIndexing(of: image.id, account: account, model: model, at: 1)
                }
            default:
                if let image = try await catalog.images(ImageQuery(limit: 1000), account: account).images
                    .randomElement(using: &random)
                {
                    _ = try await catalog.delete([image.id], account: account)
                }
            }
            let embedding = try #require(Embedding(normalizing: [Float(round) + 1, 3, -2]))
            if Bool.random(using: &random) { try await index(try await claim(), embedding) }
            while let changes = try await log.vectorChanges(model: model, since: point, limit: 3), !changes.isEmpty {
                for change in changes {
                    copy[change.row] = change.embedding
                    #expect(
                        owners.updateValue(change.accountID, forKey: change.row) ?? change.accountID == change.accountID
                    )
                    point = change.point
                }
            }
            let stored = try await catalog.vectors(model: model, after: 0, limit: 1000)
            #expect(Dictionary(uniqueKeysWithValues: stored.map { ($0.row, $0.embedding) }) == copy)
            for vector in stored { #expect(owners[vector.row] == vector.accountID) }
        }
        #expect(try await log.vectorChangePoint(model: model) == point)
    }

    @Test func aPointOfAnotherHistoryIsRefused() async throws {
        let account = try await catalog.newAccount()
        _ = try await catalog.insert([.sample(account), .sample(account)], model: model, answer: nil)
        try await index(try await claim(), try #require(Embedding(normalizing: [1, 2])))
        let point = try await log.vectorChangePoint(model: model)
        #expect(try await log.vectorChanges(model: model, since: point, limit: 9)?.isEmpty == true)
        for stranger in [
            VectorChangePoint(sequence: point.sequence, token: point.token &+ 1),
            VectorChangePoint(sequence: point.sequence + 1, token: point.token),
        ] {
            #expect(try await log.vectorChanges(model: model, since: stranger, limit: 9) == nil)
        }
        let beginning = VectorChangePoint(sequence: 0, token: 0)
        #expect(try await log.vectorChanges(model: model, since: beginning, limit: 9)?.count == 2)
        #expect(try await log.vectorChangePoint(model: ModelID(rawValue: "other")) == beginning)
    }

    @Test func bytesThatAreLostTakeTheirVectorsOutOfTheLogsSight() async throws {
        let account = try await catalog.newAccount()
        let image = try await catalog.insert([.sample(account)], model: model, answer: nil)[0]
        try await index(try await claim(), try #require(Embedding(normalizing: [1, 2])))
        let point = try await log.vectorChangePoint(model: model)
        let failure = IndexingFailure(code: "bytes_lost", message: "lost")
        #expect(try await catalog.markLost(image.contentHash, failure: failure) == 1)
        let changes = try #require(try await log.vectorChanges(model: model, since: point, limit: 9))
        #expect(changes.map(\.row) == [image.row] && changes[0].embedding == nil && changes[0].accountID == account)
    }
}

/// SplitMix64 (Steele, Lea & Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
