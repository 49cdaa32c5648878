import Domain
import Foundation
import GRDB
import Library
import LibraryTesting
import Logging
import Testing

@testable import Indexing

/// The pipeline on real stores and real pictures: what becomes of a job, whatever happens on its way.
@Suite struct PipelineTests {
    /// Hears of outcomes, in order.
    private final class Outcomes: IndexingObserver {
        private let stream: AsyncStream<JobOutcome>
        private let continuation: AsyncStream<JobOutcome>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream() }

        func finished(_ outcome: JobOutcome) { continuation.yield(outcome) }

        /// The next ones, as the codes of their failures; nil for success.
        func next(_ count: Int) async -> [String?] {
            var codes: [String?] = []
            for await outcome in stream {
                switch outcome {
                case .indexed: codes.append(nil)
                case .retry(_, let failure): codes.append("retry " + failure.code)
                case .failed(let failure): codes.append(failure.code)
                }
                if codes.count == count { break }
            }
            return codes
        }
    }

    private func pipeline(_ test: TestLibrary, _ outcomes: Outcomes = Outcomes()) -> Pipeline {
        Pipeline(
            service: IndexingService(
                catalog: test.catalog, blobs: test.blobs, reader: test.reader, encoder: test.encoder, index: test.index,
                backlog: test.backlog, clock: test.clock,
                configuration: IndexingConfiguration(decoders: 2, encoders: 2, pollInterval: 0.01), workerName: "test",
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: outcomes))
    }

    /// Runs a pipeline beside `body`, and stops it in good order.
    private func withPipeline(
        _ test: TestLibrary, _ body: @escaping @Sendable (Pipeline, Outcomes) async throws -> Void
    ) async throws {
        let outcomes = Outcomes()
        let pipeline = pipeline(test, outcomes)
        try await withThrowingTaskGroup { group in
            group.addTask { await pipeline.run() }
            do {
                try await body(pipeline, outcomes)
            } catch {
                pipeline.stop()
                throw error
            }
            pipeline.stop()
            try await group.waitForAll()
        }
    }

    private func status(_ test: TestLibrary, _ id: ImageID) async throws -> IndexingStatus? {
        try await test.library.image(id, account: test.account)?.status
    }

    private static func picture(_ number: Int) -> [UInt8] {
        Handmade.png(
            Picture(plain: [230, 0, 0], width: 4, height: 3),
            extra: Handmade.chunk("tEXt", Array("n\0\(number)".utf8)))
    }

    /// A header that is right before pixels that are not.
    private static let damaged: [UInt8] = {
        let whole = Handmade.png(Picture(plain: [1, 2, 3], width: 30, height: 30))
        return Array(whole.prefix(200)) + [UInt8](repeating: 7, count: 200)
    }()

    @Test func whatIsUploadedIsIndexedAndFound() async throws {
        let test = try await TestLibrary()
        try await withPipeline(test) { _, outcomes in
            let images = try await test.upload((0..<20).map(Self.picture))
            let idle = try await test.upload([Self.picture(99)], index: false)
            #expect(await outcomes.next(20).allSatisfy { $0 == nil })
            for image in images { #expect(try await status(test, image.id) == .indexed) }
            #expect(try await status(test, idle[0].id) == .notIndexed)
            let found = try await test.library.search(SearchRequest(text: "red", limit: 100), account: test.account)
            #expect(Set(found.map(\.image.id)) == Set(images.map(\.id)))
        }
        #expect(
            try await test.catalog.jobCounts(at: test.clock.now) == JobCounts(queued: 0, running: 0, oldestDueAt: nil))
    }

    /// A search that starts after an image reached status 2 sees it.
    @Test func statusTwoMeansThatASearchFindsIt() async throws {
        let test = try await TestLibrary()
        try await withPipeline(test) { _, _ in
            for number in 0..<40 {
                let id = try await test.upload([Self.picture(number)])[0].id
                while try await status(test, id) != .indexed { await Task.yield() }
                let found = try await test.library.search(SearchRequest(text: "red", limit: 200), account: test.account)
                #expect(found.contains { $0.image.id == id })
            }
        }
    }

    @Test func whatCannotPassIsNotTriedAgain() async throws {
        let test = try await TestLibrary()
        let damaged = try await test.upload([Self.damaged])[0]
        let missing = try await test.upload([Self.picture(1)])[0]
        try await test.blobs.remove(missing.contentHash)
        try await withPipeline(test) { _, outcomes in
            #expect(Set(await outcomes.next(2)) == ["corrupt_image", "content_missing"])
        }
        let image = try #require(try await test.library.image(damaged.id, account: test.account))
        #expect(image.status == .failed && image.failure?.code == "corrupt_image")
        #expect(image.failure?.message.isEmpty == false)
        #expect(try await status(test, missing.id) == .failed)
        #expect(try await test.catalog.jobCounts(at: test.clock.now + 1e6).queued == 0)
    }

    @Test func whatMayPassIsTriedAgainLater() async throws {
        let encoder = ColourEncoder()
        let test = try await TestLibrary(encoder: encoder)
        encoder.isBroken = true
        let images = try await test.upload([Self.picture(1), Self.picture(2)])
        try await withPipeline(test) { _, outcomes in
            #expect(await outcomes.next(2) == ["retry model_error", "retry model_error"])
            for image in images { #expect(try await status(test, image.id) == .inProgress) }
            let early = try await test.catalog.claimJobs(
                limit: 9, worker: "early", lease: 1, at: test.clock.now + 1.9)
            #expect(early.isEmpty)
            // The cause has passed for good: the second try is the last (`maximumAttempts`), and works.
            encoder.isBroken = false
            test.clock.advance(by: 2)
            #expect(await outcomes.next(2) == [nil, nil])
        }
        for image in images { #expect(try await status(test, image.id) == .indexed) }
    }

    @Test func triesAreCounted() async throws {
        let encoder = ColourEncoder()
        let test = try await TestLibrary(encoder: encoder)
        encoder.isBroken = true
        let image = try await test.upload([Self.picture(1)])[0]
        try await withPipeline(test) { _, outcomes in
            #expect(await outcomes.next(1) == ["retry model_error"])
            test.clock.advance(by: 2)
            #expect(await outcomes.next(1) == ["model_error"])
            #expect(try await status(test, image.id) == .failed)
            // A client may ask for it again.
            encoder.isBroken = false
            _ = try await test.library.reindex(image.id, account: test.account)
            #expect(await outcomes.next(1) == [nil])
            #expect(try await status(test, image.id) == .indexed)
        }
    }

    @Test func aClaimLeftByADeadProcessExpires() async throws {
        let test = try await TestLibrary()
        let image = try await test.upload([Self.picture(1)])[0]
        let claimed = try await test.catalog.claimJobs(limit: 1, worker: "dead", lease: 60, at: test.clock.now)
        #expect(claimed.count == 1)
        try await withPipeline(test) { _, outcomes in
            let other = try await test.upload([Self.picture(2)])[0]
            #expect(await outcomes.next(1) == [nil])
            #expect(try await status(test, other.id) == .indexed)
            #expect(try await status(test, image.id) == .inProgress)
            test.clock.advance(by: 61)
            #expect(await outcomes.next(1) == [nil])
            #expect(try await status(test, image.id) == .indexed)
        }
        // The dead one's outcome would be passed over.
        let late = JobCompletion(job: claimed[0], outcome: .failed(IndexingFailure(code: "late", message: "late")))
        #expect(try await test.catalog.complete([late], at: test.clock.now).isEmpty)
        #expect(try await status(test, image.id) == .indexed)
    }

    @Test func whatIsDeletedOnItsWayIsNotFound() async throws {
        let encoder = GatedEncoder()
        let test = try await TestLibrary(encoder: encoder)
        let image = try await test.upload([Self.picture(1)])[0]
        try await withPipeline(test) { _, outcomes in
            await encoder.gate.untilSomebodyWaits()
            try await test.library.delete([image.id], account: test.account)
            await encoder.gate.open()
            _ = try await test.upload([Self.picture(2)])
            #expect(await outcomes.next(1) == [nil])
        }
        #expect(test.index.count == 1)
        #expect(try await test.library.search(SearchRequest(text: "red"), account: test.account).count == 1)
    }

    @Test func aStopFinishesWhatIsUnderWayAndGivesTheRestBack() async throws {
        let encoder = GatedEncoder()
        let test = try await TestLibrary(encoder: encoder)
        let images = try await test.upload((0..<30).map(Self.picture))
        try await withPipeline(test) { pipeline, _ in
            await encoder.gate.untilSomebodyWaits()
            pipeline.stop()
            await encoder.gate.open()
        }
        let counts = try await test.catalog.jobCounts(at: test.clock.now)
        let indexed = try await test.catalog.imageCounts()[.indexed] ?? 0
        #expect(counts.running == 0 && indexed > 0 && counts.queued == images.count - indexed)
        // What was given back was not counted as a try.
        let again = try await test.catalog.claimJobs(limit: 100, worker: "next", lease: 60, at: test.clock.now)
        #expect(again.count == counts.queued && again.allSatisfy { $0.attempt == 1 })
    }

    /// As when another service of the same process could not start.
    @Test(.timeLimit(.minutes(1)), arguments: [false, true]) func aCancelledPipelineEnds(isBusy: Bool) async throws {
        let encoder = GatedEncoder()
        let test = try await TestLibrary(encoder: encoder)
        if isBusy { _ = try await test.upload((0..<10).map(Self.picture)) }
        let pipeline = pipeline(test)
        let run = Task { await pipeline.run() }
        if isBusy { await encoder.gate.untilSomebodyWaits() }
        run.cancel()
        await encoder.gate.open()
        await run.value
        #expect(try await test.catalog.releaseAllClaims() >= 0)
        let counts = try await test.catalog.jobCounts(at: test.clock.now)
        let indexed = try await test.catalog.imageCounts()[.indexed] ?? 0
        #expect(counts.queued + indexed == (isBusy ? 10 : 0))
    }

    @Test func aCatalogThatFailsForAWhileLosesNothing() async throws {
        let test = try await TestLibrary()
        var patient = Configuration()
        patient.busyMode = .timeout(60)
        let other = try DatabaseQueue(path: test.folder.path + "/catalog.sqlite", configuration: patient)
        try await other.write {
            try $0.execute(
                sql: "CREATE TRIGGER fault BEFORE INSERT ON vector BEGIN SELECT RAISE(ABORT, 'injected'); END")
        }
        let images = try await test.upload((0..<5).map(Self.picture))
        try await withPipeline(test) { _, outcomes in
            // It has been tried: the index, which comes before the catalog, has them.
            while test.index.count < 1 { await Task.yield() }
            #expect(try await test.catalog.imageCounts()[.indexed] ?? 0 == 0)
            try await other.write { try $0.execute(sql: "DROP TRIGGER fault") }
            #expect(await outcomes.next(5).allSatisfy { $0 == nil })
        }
        for image in images { #expect(try await status(test, image.id) == .indexed) }
    }
}

/// Lets nobody pass until it is opened.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var watchers: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        guard !isOpen else { return }
        for watcher in watchers { watcher.resume() }
        watchers = []
        await withCheckedContinuation { waiting.append($0) }
    }

    func untilSomebodyWaits() async {
        guard waiting.isEmpty else { return }
        await withCheckedContinuation { watchers.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Embeds nothing until its gate is open.
private final class GatedEncoder: ImageTextEncoder {
    let gate = Gate()
    private let encoder = ColourEncoder()
    var model: ModelDescription { encoder.model }

    func embed(texts: [String]) async throws -> [Embedding] { try await encoder.embed(texts: texts) }

    func embed(images: [PixelTensor]) async throws -> [Embedding] {
        await gate.pass()
        return try await encoder.embed(images: images)
    }
}
