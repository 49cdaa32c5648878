import Domain

/// How an import goes about it.
public struct ImportOptions: Sendable {
    /// Requests under way at once.
    public var parallel: Int
    /// The most files of one request, and the most bytes unless a single file is larger.
    public var batchFiles: Int
    public var batchBytes: Int64
    /// Given to each image.
    public var metadata: JSONObject
    /// Whether the images are to be found by searches.
    public var index: Bool
    /// Come back only when each image is indexed or has failed to be.
    public var wait: Bool
    /// Only say what would be done.
    public var dryRun: Bool

    public init(
        parallel: Int = 4, batchFiles: Int = 16, batchBytes: Int64 = 8 << 20, metadata: JSONObject = [:],
        index: Bool = true, wait: Bool = false, dryRun: Bool = false
    ) {
        self.parallel = parallel
        self.batchFiles = batchFiles
        self.batchBytes = batchBytes
        self.metadata = metadata
        self.index = index
        self.wait = wait
        self.dryRun = dryRun
    }
}

/// Uploads what lies under some paths and is not on the server yet.
///
/// Equality is that of the bytes (SHA-256). An import that was cut off at any moment is made whole by running it again:
/// each request has an idempotency key, the server's list is read from where the last import had read it, and what the
/// state file says is there is asked of the server.
public struct Importer: Sendable {
    let client: ImagoClient
    let state: ImportState
    let options: ImportOptions
    let stop: StopSignal
    let ledger: ImportLedger

    /// - Parameter observe: called at each step, from any task.
    public init(
        client: ImagoClient, state: ImportState, options: ImportOptions, stop: StopSignal = StopSignal(),
        observe: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) {
        self.client = client
        self.state = state
        self.options = options
        self.stop = stop
        ledger = ImportLedger(observe: observe)
    }

    /// - Throws: `ClientError` when the server can't be asked at all; what fails later is in the report.
    public func run(_ paths: [String]) async throws -> ImportReport {
        let scan = try await FileScan.scan(paths)
        await ledger.begin(scan)
        if !scan.files.isEmpty { try await learn() }
        await ledger.update { $0.phase = .sending }

        var givenUp: ClientError?
        do {
            let batches = BatchQueue(scan.files, files: options.batchFiles, bytes: options.batchBytes)
            try await withThrowingTaskGroup { group in
                for _ in 0..<max(1, options.parallel) {
                    group.addTask {
                        while !stop.isSet, let batch = batches.next() { try await take(batch) }
                    }
                }
                try await group.waitForAll()
            }
            if options.wait { try await awaitIndexing() }
        } catch let error as ClientError {
            givenUp = error
        } catch is CancellationError {
            stop.set()
        }
        return await ledger.end(stopped: stop.isSet, givenUp: givenUp)
    }

    /// Seconds by which the list is read again: an image's time is taken a little before it is there to be listed.
    private static let overlap: Double = 600

    /// Reads the account's images that are newer than what was read before, so that images that came another way, from
    /// another machine or by a request whose answer was lost, are known.
    private func learn() async throws {
        let until = state.listedUntil.map { $0 - Self.overlap } ?? -.infinity
        var newest: Timestamp?
        var count = 0
        var request = ListRequest(limit: 1000)
        repeat {
            let page = try await client.images(request)
            let fresh = page.images.prefix { $0.uploadedAt >= until }
            state.record(fresh.compactMap { image in image.sha256.map { ($0, image.id) } })
            newest = newest ?? fresh.first?.uploadedAt
            count += fresh.count
            await ledger.update { [count] in $0.phase = .learning(count) }
            request.cursor = fresh.count == page.images.count ? page.nextCursor : nil
        } while request.cursor != nil && !stop.isSet
        if let newest, !stop.isSet { state.setListed(until: newest) }
    }
}
