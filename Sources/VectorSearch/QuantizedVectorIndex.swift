import Domain
import Synchronization

/// Exact nearest-neighbour search at the speed of memory: one-bit codes of randomly rotated vectors are scanned, with a
/// bound on each estimate's error, and what the bound can't rule out is scored with the stored half-precision vectors
/// (Gao and Long, RaBitQ, SIGMOD 2024).
///
/// Searches never wait for mutations. A mutation is visible to every search that starts after it returned.
public final class QuantizedVectorIndex: VectorIndex {
    public let dimension: Int
    public let configuration: SearchConfiguration
    let rotation: Rotation
    let folder: String?
    let shards = Locked<[AccountID: Shard]>([:])
    private let scanThreads: WorkerThreads
    let writingThread = WorkerThreads(count: 1)
    let compactingThread = WorkerThreads(count: 1, isBackground: true)
    let helpers: WorkerThreads
    private let loading = Atomic(false)

    /// - Parameters:
    ///   - dimension: components of every vector.
    ///   - folder: where half-precision vectors are mapped from, in nameless files; nil to hold them in memory.
    public init(dimension: Int, folder: String? = nil, configuration: SearchConfiguration = SearchConfiguration()) {
        self.dimension = dimension
        self.folder = folder
        self.configuration = configuration
        rotation = Rotation(dimension: dimension, seed: configuration.seed)
        scanThreads = WorkerThreads(count: configuration.threads)
        helpers = WorkerThreads(count: configuration.threads)
    }

    /// The instruction set the kernels use: `avx512`, `avx2`, `neon` or `portable`.
    public static var instructionSet: String { Kernels.name }

    public var count: Int {
        shards.withLock { Array($0.values) }.reduce(0) { $0 + $1.state.count }
    }

    /// Vectors of one account.
    public func count(of account: AccountID) -> Int { shard(account)?.state.count ?? 0 }

    public func insert(_ entries: [VectorEntry], account: AccountID) async throws {
        for entry in entries where entry.embedding.dimension != dimension {
            throw VectorIndexError.wrongDimension(expected: dimension, got: entry.embedding.dimension)
        }
        guard !entries.isEmpty else { return }
        let shard = shards.withLock { shards in
            if let shard = shards[account] { return shard }
            let shard = Shard(rotation: rotation, folder: folder)
            shards[account] = shard
            return shard
        }
        let helpers = helpers
        await writingThread.run {
            shard.insert(entries, helpers: helpers)
            self.compactIfDue(shard)
        }
    }

    public func remove(_ rows: [ImageRow], account: AccountID) async throws {
        guard let shard = shard(account), !rows.isEmpty else { return }
        await writingThread.run {
            shard.remove(rows)
            self.compactIfDue(shard)
        }
    }

    public func search(_ query: VectorQuery, account: AccountID) async throws -> [VectorHit] {
        guard query.embedding.dimension == dimension else {
            throw VectorIndexError.wrongDimension(expected: dimension, got: query.embedding.dimension)
        }
        guard query.limit > 0, let shard = shard(account) else { return [] }
        let state = shard.state
        guard state.count > 0 else { return [] }
        let rotation = rotation
        let configuration = configuration
        // A search of half-precision vectors moves some sixteen times the bytes.
        if state.slots <= (query.exact ? configuration.inlineSlots / 16 : configuration.inlineSlots) {
            return ScanJob(query, state: state, rotation: rotation, configuration: configuration).run(helpers: nil)
        }
        let threads = scanThreads
        return await threads.run {
            ScanJob(query, state: state, rotation: rotation, configuration: configuration).run(helpers: threads)
        }
    }

    /// Set while many vectors come in at once: compactions wait. `settle` them afterwards.
    public var isLoading: Bool {
        get { loading.load(ordering: .relaxed) }
        set { loading.store(newValue, ordering: .relaxed) }
    }

    func shard(_ account: AccountID) -> Shard? { shards.withLock { $0[account] } }
}
