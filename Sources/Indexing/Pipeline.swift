import Domain
import Library
import Logging
import Synchronization

/// One run of the indexing pipeline, from start to drained.
final class Pipeline: Sendable {
    private struct Decoded: Sendable {
        let job: IndexingJob
        let pixels: PixelTensor
    }

    private let service: IndexingService
    private let configuration: IndexingConfiguration
    private let policy: FailurePolicy
    private let claimed = ClaimedJobs()
    private let jobs: BoundedQueue<IndexingJob>
    private let decoded: BoundedQueue<Decoded>
    private let finished: BoundedQueue<JobCompletion>
    /// Yields for each reason to look at the job table; ends with the pipeline.
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let stopping = Atomic(false)

    init(service: IndexingService) {
        self.service = service
        configuration = service.configuration
        policy = FailurePolicy(
            retryDelay: configuration.retryDelay, maximumRetryDelay: configuration.maximumRetryDelay)
        jobs = BoundedQueue(capacity: configuration.decoders)
        decoded = BoundedQueue(capacity: configuration.encoders * 2)
        finished = BoundedQueue(capacity: configuration.commitSize)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Claims no more; what is under way is finished.
    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        wake.yield()
    }

    /// Runs until it is stopped, or its task is cancelled, which is a stop for who has less time.
    func run() async {
        await withTaskCancellationHandler {
            await runStages()
        } onCancel: {
            stop()
        }
    }

    private func runStages() async {
        await withTaskGroup { keepers in
            keepers.addTask { await self.relaySignals() }
            keepers.addTask { await self.poll() }
            keepers.addTask { await self.renewLeases() }
            await withTaskGroup { stages in
                stages.addTask {
                    await self.claim()
                    self.jobs.close()
                }
                stages.addTask {
                    await self.inParallel(self.configuration.decoders) { await self.decode() }
                    self.decoded.close()
                }
                stages.addTask {
                    await self.inParallel(self.configuration.encoders) { await self.embed() }
                    self.finished.close()
                }
                stages.addTask { await self.store() }
            }
            keepers.cancelAll()
        }
        let left = claimed.all
        if !left.isEmpty {
            do { try await service.catalog.release(left) } catch {
                logger.warning("claims are left to expire", metadata: ["count": "\(left.count)", "error": "\(error)"])
            }
        }
    }

    private var logger: Logger { service.logger }
    private var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    private func inParallel(_ count: Int, _ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { group in
            for _ in 0..<count { group.addTask { await body() } }
        }
    }

    // MARK: Claim

    /// Takes due jobs from the table, no more than the stages can hold, and hands them on.
    private func claim() async {
        let batch = configuration.decoders + configuration.encoders
        var wakes = self.wakes.makeAsyncIterator()
        while !isStopping {
            let taken = await claimBatch(batch)
            claimed.insert(taken)
            for job in taken {
                guard !isStopping, await jobs.push(job) else { return }
            }
            if taken.isEmpty { await wakes.next() }
        }
    }

    private func claimBatch(_ limit: Int) async -> [IndexingJob] {
        do {
            return try await service.catalog.claimJobs(
                limit: limit, worker: service.workerName, lease: configuration.lease, at: service.clock.now)
        } catch {
            logger.error("jobs can't be claimed", metadata: ["error": "\(error)"])
            return []
        }
    }

    // MARK: Decode

    private func decode() async {
        while let job = await jobs.pop(upTo: 1).first {
            do {
                let pixels = try await service.blobs.withLocalFile(job.contentHash) { [service] path in
                    try await service.reader.pixels(path: path, preprocessing: service.encoder.model.preprocessing)
                }
                _ = await decoded.push(Decoded(job: job, pixels: pixels))
            } catch {
                await finish(job, failed: error)
            }
        }
    }

    // MARK: Embed

    private func embed() async {
        while let picture = await decoded.pop(upTo: 1).first {
            do {
                let embeddings = try await service.encoder.embed(images: [picture.pixels])
                _ = await finished.push(JobCompletion(job: picture.job, outcome: .indexed(embeddings[0])))
            } catch {
                await finish(picture.job, failed: error)
            }
        }
    }

    private func finish(_ job: IndexingJob, failed error: any Error) async {
        let outcome = policy.outcome(of: error, job: job, now: service.clock.now)
        logger.warning(
            "an image could not be indexed",
            metadata: ["image_id": "\(job.imageID)", "attempt": "\(job.attempt)", "error": "\(error)"])
        _ = await finished.push(JobCompletion(job: job, outcome: outcome))
    }

    // MARK: Store

    /// Commits outcomes, as many at a time as have come in.
    private func store() async {
        while true {
            let batch = await finished.pop(upTo: configuration.commitSize)
            if batch.isEmpty { return }
            while !(await commit(batch)) {
                // The claims are renewed meanwhile, so nobody else takes the jobs; a stop leaves them to expire.
                if isStopping { break }
                try? await Task.sleep(for: .seconds(configuration.pollInterval))
            }
            claimed.remove(batch.map(\.job))
            wake.yield()
        }
    }

    /// Stores a batch. False when the catalog refused and it should be tried again.
    ///
    /// The index takes the vectors before the catalog says "indexed", so that a search that starts after status 2 was
    /// seen finds the image; searches pass over rows whose status is another. Rows whose outcome was not stored
    /// (the image was deleted, the claim was lost) leave the index again.
    private func commit(_ batch: [JobCompletion]) async -> Bool {
        var entries: [AccountID: [VectorEntry]] = [:]
        for completion in batch {
            guard case .indexed(let embedding) = completion.outcome else { continue }
            entries[completion.job.accountID, default: []].append(
                VectorEntry(row: completion.job.row, embedding: embedding))
        }
        do {
            for (account, entries) in entries { try await service.index.insert(entries, account: account) }
            let stored = try await service.catalog.complete(batch, at: service.clock.now)
            var stale: [AccountID: [ImageRow]] = [:]
            for completion in batch {
                if stored.contains(completion.job.id) {
                    service.observer.finished(completion.outcome)
                } else if case .indexed = completion.outcome {
                    stale[completion.job.accountID, default: []].append(completion.job.row)
                }
            }
            for (account, rows) in stale { try await restore(rows, account: account) }
            return true
        } catch {
            logger.error(
                "outcomes can't be stored", metadata: ["count": "\(batch.count)", "error": "\(error)"])
            return false
        }
    }

    /// Puts what the catalog holds of these rows back into the index: the other claim's vector, or nothing.
    private func restore(_ rows: [ImageRow], account: AccountID) async throws {
        for row in rows {
            if let embedding = try await service.catalog.vector(of: row, model: service.encoder.model.id) {
                try await service.index.insert([VectorEntry(row: row, embedding: embedding)], account: account)
            } else {
                try await service.index.remove([row], account: account)
            }
        }
    }

    // MARK: Keepers

    private func relaySignals() async {
        for await _ in service.backlog.signals { wake.yield() }
    }

    /// Looks at the table now and then: for retries that fall due, claims that expired, and signals that were lost.
    private func poll() async {
        while !Task.isCancelled {
            if let counts = try? await service.catalog.jobCounts(at: service.clock.now) {
                service.backlog.counts = counts
            }
            wake.yield()
            try? await Task.sleep(for: .seconds(configuration.pollInterval))
        }
    }

    private func renewLeases() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(configuration.lease / 3))
            let held = claimed.all
            guard !Task.isCancelled, !held.isEmpty else { continue }
            do {
                _ = try await service.catalog.renewLeases(
                    held, lease: configuration.lease, at: service.clock.now)
            } catch {
                logger.warning("leases can't be renewed", metadata: ["error": "\(error)"])
            }
        }
    }
}
