import Domain
import Testing

@Suite struct CatalogContractTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: CatalogEngine.allCases)
    func keysAreFoundByDigestUntilRevoked(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        #expect(try await catalog.newAccount() == account)
        let key = APIKey(
            id: identifiers.next(), accountID: account, digest: testHash(9), prefix: "imago_abc", createdAt: 5)
        try await catalog.insert(key)
        #expect(try await catalog.apiKey(digest: testHash(9)) == key)
        #expect(try await catalog.apiKey(digest: testHash(8)) == nil)
        #expect(try await catalog.revoke(key.id, at: 6))
        #expect(try await !catalog.revoke(key.id, at: 7))
        #expect(try await catalog.apiKey(digest: testHash(9))?.isValid(at: 10) == false)
    }

    @Test(arguments: CatalogEngine.allCases)
    func imagesComeBackAsGivenAndBelongToOneAccount(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let (mine, theirs) = (try await catalog.newAccount("mine"), try await catalog.newAccount("theirs"))
        let metadata = try #require(
            try JSONValue(parsing: #"{"z":1.10,"a":{"'; DROP TABLE image;--":"é😀"}}"#).object)
        let stored = try await catalog.insert(
            [.sample(mine, metadata: metadata, name: "'; --\u{1F600}.jpg"), .sample(mine, index: false)], model: model,
            answer: nil)
        let first = try #require(try await catalog.image(stored[0].id, account: mine))
        #expect(first == stored[0])
        #expect(JSONValue.object(first.metadata).jsonText == JSONValue.object(metadata).jsonText)
        #expect(stored.map(\.status) == [.inProgress, .notIndexed])
        #expect(try await catalog.image(first.id, account: theirs) == nil)
        #expect(try await catalog.images([first.id], account: theirs).isEmpty)
        #expect(try await catalog.images(rows: [first.row], account: theirs).isEmpty)
        #expect(try await catalog.images(ImageQuery(), account: theirs).total == 0)
        #expect(try await catalog.setMetadata([:], of: first.id, account: theirs) == nil)
        #expect(try await catalog.delete([first.id], account: theirs).images.isEmpty)
        #expect(try await catalog.images(ImageQuery(), account: mine).total == 2)
    }

    @Test(arguments: CatalogEngine.allCases)
    func bytesAreReferencedUntilTheirLastImageIsGone(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let (a, b) = (try await catalog.newAccount("a"), try await catalog.newAccount("b"))
        let one = try await catalog.insert([.sample(a)], model: model, answer: nil)[0]
        let two = try await catalog.insert([.sample(b)], model: model, answer: nil)[0]
        #expect(try await catalog.delete([one.id], account: a).unreferenced.isEmpty)
        #expect(try await catalog.isReferenced(testHash(1)))
        #expect(try await catalog.delete([two.id], account: b).unreferenced == [testHash(1)])
        #expect(try await !catalog.isReferenced(testHash(1)))
        #expect(try await catalog.unreferencedBlobs(limit: 10) == [testHash(1)])
        try await catalog.forgetBlobs([testHash(1)])
        #expect(try await catalog.unreferencedBlobs(limit: 10).isEmpty)
        #expect(try await catalog.mendBlobReferences() == 0)
    }

    @Test(arguments: CatalogEngine.allCases)
    func eachJobIsClaimedOnceAndAStaleClaimCannotStore(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let images = try await catalog.insert(
            (0..<200).map { _ in .sample(account) }, model: model, answer: nil)
        let claimed = try await withThrowingTaskGroup(of: [IndexingJob].self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var jobs: [IndexingJob] = []
                    while true {
                        let some = try await catalog.claimJobs(
                            limit: 7, worker: "w\(worker)", lease: 60, at: 1_764_000_001)
                        if some.isEmpty { return jobs }
                        jobs += some
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.map(\.row).sorted() == images.map(\.row).sorted())

        let job = claimed[0]
        let again = try await catalog.claimJobs(limit: 500, worker: "late", lease: 60, at: 1_764_000_100)
        #expect(again.count == 200)
        let embedding = try #require(Embedding(normalizing: [1, 2, 3]))
        #expect(try await catalog.complete([JobCompletion(job: job, outcome: .indexed(embedding))], at: 1).isEmpty)
        let current = try #require(again.first { $0.id == job.id })
        #expect(
            try await catalog.complete([JobCompletion(job: current, outcome: .indexed(embedding))], at: 1) == [job.id])
        #expect(try await catalog.image(job.imageID, account: account)?.status == .indexed)
        #expect(try await catalog.vectorCount(model: model) == 1)
        let vector = try #require(try await catalog.vector(of: job.row, model: model))
        #expect(abs(vector.similarity(to: embedding) - 1) < 1e-3)

        // Two tries is what this catalog allows: the third look finds the workers lost.
        #expect(try await catalog.claimJobs(limit: 500, worker: "w", lease: 60, at: 1_764_001_000).isEmpty)
        let failed = try await catalog.image(claimed[1].imageID, account: account)
        #expect(failed?.status == .failed)
        #expect(failed?.failure?.code == "worker_lost")
    }

    @Test(arguments: CatalogEngine.allCases)
    func theHigherPriorityGoesFirst(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        // The oldest are those that can wait longest.
        var expected: [ImageID] = []
        for (age, priority) in JobPriority.allCases.enumerated() {
            let images = try await catalog.insert(
                (0..<3).map { .sample(account, at: Double(100 + 10 * age + $0), priority: priority) }, model: model,
                answer: nil)
            expected = images.map(\.id) + expected
        }
        // Asked for by a person, so it goes with the interactive ones, after those that wait already.
        let again = try await catalog.queueIndexing(of: expected[8], account: account, model: model, at: 150)
        expected = expected[..<3] + [try #require(again).id] + expected[3..<8]
        // Across the borders of batches; not yet due is not yet due.
        _ = try await catalog.insert([.sample(account, at: 500)], model: model, answer: nil)
        var claimed: [ImageID] = []
        for limit in [2, 5, 1, 9, 9] {
            claimed += try await catalog.claimJobs(limit: limit, worker: "w", lease: 60, at: 200).map(\.imageID)
        }
        #expect(claimed == expected)
    }

    @Test(arguments: CatalogEngine.allCases)
    func retriesWaitAndReleasedClaimsAreNotCounted(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        _ = try await catalog.insert([.sample(account, at: 100)], model: model, answer: nil)
        let job = try #require(try await catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: 100).first)
        try await catalog.release([job])
        let second = try #require(try await catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: 100).first)
        #expect(second.attempt == 1)
        #expect(try await catalog.renewLeases([job, second], lease: 60, at: 150) == [second.id])
        #expect(try await catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: 200).isEmpty)
        let failure = IndexingFailure(code: "c", message: "m")
        _ = try await catalog.complete(
            [JobCompletion(job: second, outcome: .retry(at: 300, failure))], at: 200)
        #expect(try await catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: 299).isEmpty)
        let third = try #require(try await catalog.claimJobs(limit: 1, worker: "w", lease: 60, at: 300).first)
        #expect(third.attempt == 2)
        _ = try await catalog.complete([JobCompletion(job: third, outcome: .failed(failure))], at: 300)
        #expect(try await catalog.imageCounts()[.failed] == 1)
        #expect(try await catalog.jobCounts(at: 400) == JobCounts(queued: 0, running: 0, oldestDueAt: nil))
    }

    @Test(arguments: CatalogEngine.allCases)
    func anIdempotencyKeyStoresOnce(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let new = NewImage.sample(account)
        let answer = IdempotentAnswer(
            key: "k", accountID: account, fingerprint: testHash(3),
            results: [.image(new.id), .refused(["code": "x"])], createdAt: 1000)
        _ = try await catalog.insert([new], model: model, answer: answer)
        #expect(try await catalog.idempotentAnswer(key: "k", account: account, since: 0) == answer)
        #expect(try await catalog.idempotentAnswer(key: "k", account: account, since: 1001) == nil)
        await #expect(throws: CatalogError.idempotencyKeyUsed) {
            _ = try await catalog.insert([.sample(account)], model: model, answer: answer)
        }
        #expect(try await catalog.images(ImageQuery(), account: account).total == 1)
    }

    @Test(arguments: CatalogEngine.allCases)
    func cursorsWalkEveryOrderOnceThoughImagesAreDeletedOnTheWay(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let new = (0..<50).map { number in
            var metadata = JSONObject()
            if number % 3 != 0 { metadata["recorded_timestamp_utc"] = .number(JSONNumber(number % 7)) }
            return NewImage.sample(
                account, metadata: metadata, at: Double(1000 + number / 4), size: Int64(number % 5))
        }
        let images = try await catalog.insert(new, model: model, answer: nil)
        for sort in ImageQuery.Sort.allCases {
            for order in ImageQuery.Order.allCases {
                var query = ImageQuery(sort: sort, order: order, limit: 7)
                var seen: [Image] = []
                repeat {
                    let page = try await catalog.images(query, account: account)
                    #expect(page.total == 50)
                    seen += page.images
                    query.after = page.next
                } while query.after != nil
                #expect(Set(seen.map(\.id)) == Set(images.map(\.id)), "\(sort) \(order)")
                #expect(seen.count == 50)
                let whole = try await catalog.images(
                    ImageQuery(sort: sort, order: order, limit: 100), account: account)
                #expect(whole.images == seen)
            }
        }
        var query = ImageQuery(limit: 10)
        let first = try await catalog.images(query, account: account)
        _ = try await catalog.delete([try #require(first.images.last).id], account: account)
        query.after = first.next
        let second = try await catalog.images(query, account: account)
        #expect(second.images.first?.id == images[39].id)
    }

    @Test(arguments: CatalogEngine.allCases)
    func filtersCompareByType(engine: CatalogEngine) async throws {
        let catalog = try engine.open(in: folder)
        let account = try await catalog.newAccount()
        let texts = [
            #"{"n":1}"#, #"{"n":2.5}"#, #"{"n":"2"}"#, #"{"n":null}"#, #"{"a":{"b":{"c \"x\".y":true}}}"#,
            #"{"n":"prefix-%_x"}"#,
        ]
        _ = try await catalog.insert(
            try texts.map { .sample(account, metadata: try JSONValue(parsing: $0).object!) }, model: model, answer: nil)
        func matches(_ field: [String], _ comparison: ImageFilter.Comparison) async throws -> [Int] {
            let filter = ImageFilter([.metadata(field: .init(components: field), comparison: comparison)])
            let rows = try await catalog.rows(matching: filter, account: account)
            return (0..<texts.count).filter { rows.contains(ImageRow($0 + 1)) }
        }
        #expect(try await matches(["n"], .equal(1)) == [0])
        #expect(try await matches(["n"], .equal("2")) == [2])
        #expect(try await matches(["n"], .equal(nil)) == [3])
        #expect(try await matches(["n"], .notEqual(1)) == [1, 2, 3, 4, 5])
        #expect(try await matches(["n"], .greater(1)) == [1])
        #expect(try await matches(["n"], .lessOrEqual(2.5)) == [0, 1])
        #expect(try await matches(["n"], .greaterOrEqual("2")) == [2, 5])
        #expect(try await matches(["n"], .oneOf([1, "2"])) == [0, 2])
        #expect(try await matches(["n"], .exists(true)) == [0, 1, 2, 3, 5])
        #expect(try await matches(["n"], .exists(false)) == [4])
        #expect(try await matches(["n"], .prefix("prefix-%_")) == [5])
        #expect(try await matches(["n"], .prefix("prefix-_")) == [])
        #expect(try await matches(["a", "b", "c \"x\".y"], .equal(true)) == [4])
        #expect(try await matches(["') OR 1=1 --"], .exists(true)) == [])
    }
}
