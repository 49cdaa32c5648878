import Domain

/// A model's vector index with its snapshot on disk: opened at start, saved now and then and at the end.
///
/// The catalog is the truth. A snapshot is taken at a point of the catalog's log of changes; what changed since is read
/// from there at start. Without a usable snapshot, or a log, the index is rebuilt from the catalog's vectors.
public actor VectorIndexStore {
    /// How an index came to be, for the log.
    public enum Origin: Sendable, Hashable {
        case snapshot(vectors: Int, changesApplied: Int)
        case rebuilt(vectors: Int, because: SnapshotRefusal)
    }

    public nonisolated let index: QuantizedVectorIndex
    public nonisolated let origin: Origin
    private let file: String
    private let model: ModelID
    private let log: (any VectorChangeLog)?
    /// Every change up to here is in the index.
    private var point: VectorChangePoint?

    private static let page = 4096

    /// Opens or rebuilds the index.
    /// - Parameters:
    ///   - folder: an existing folder of the index's own. The snapshot lies in it, and the mapped vectors.
    ///   - catalog: where vectors come from; its changes too, where it is a `VectorChangeLog`.
    /// - Throws: what the catalog throws.
    public init(
        folder: String, model: ModelID, dimension: Int, catalog: any StoredVectors,
        configuration: SearchConfiguration = SearchConfiguration()
    ) async throws {
        self.model = model
        let file = Self.file(in: folder, model: model)
        self.file = file
        let log = catalog as? any VectorChangeLog
        self.log = log
        let index = QuantizedVectorIndex(dimension: dimension, folder: folder, configuration: configuration)
        self.index = index
        do throws(SnapshotRefusal) {
            guard let log else { throw .unknownPoint }
            let taken = try await index.load(file: file, model: model)
            guard let (point, applied) = try await Self.apply(log, since: taken, model: model, to: index) else {
                throw .unknownPoint
            }
            self.point = point
            origin = .snapshot(vectors: index.count, changesApplied: applied)
        } catch {
            index.removeAll()
            point = try await log?.vectorChangePoint(model: model)
            try await Self.rebuild(index, model: model, from: catalog)
            origin = .rebuilt(vectors: index.count, because: error)
        }
    }

    /// A model's name may hold anything; bytes other than plain letters and digits become their number.
    static func file(in folder: String, model: ModelID) -> String {
        let name = model.rawValue.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 128 && (character.isLetter || character.isNumber) ? String(character) : "_\(byte)"
        }.joined()
        return "\(folder)/\(name).snapshot"
    }

    /// Writes a snapshot. The one there was stays until the new one is durable.
    /// - Returns: false when the catalog keeps no log of changes: a snapshot would be of no use.
    /// - Throws: `SnapshotError`, or what the catalog throws.
    public func save() async throws -> Bool {
        guard let log, let before = point else { return false }
        // Applied once more from the catalog, so that nothing up to `before` is still on its way to the index. What
        // comes in meanwhile is after `before`, and is read again at the next start.
        guard let (reached, _) = try await Self.changes(log, since: before, model: model, to: index) else {
            point = try await log.vectorChangePoint(model: model)
            return false
        }
        try await index.save(file: file, model: model, point: before)
        point = reached
        return true
    }

    /// Changes applied page by page until none is left. Nil when the log does not know the point.
    private static func changes(
        _ log: any VectorChangeLog, since start: VectorChangePoint, model: ModelID, to index: QuantizedVectorIndex
    ) async throws -> (point: VectorChangePoint, applied: Int)? {
        var point = start
        var applied = 0
        while true {
            guard let changes = try await log.vectorChanges(model: model, since: point, limit: page) else { return nil }
            guard let last = changes.last else { return (point, applied) }
            for (account, changes) in Dictionary(grouping: changes, by: \.accountID) {
                try await index.remove(changes.filter { $0.embedding == nil }.map(\.row), account: account)
                try await index.insert(
                    changes.compactMap { change in
                        change.embedding.map { VectorEntry(row: change.row, embedding: $0) }
                    }, account: account)
            }
            applied += changes.count
            point = last.point
        }
    }

    /// The same at start, where a catalog that fails means no snapshot.
    private static func apply(
        _ log: any VectorChangeLog, since start: VectorChangePoint, model: ModelID, to index: QuantizedVectorIndex
    ) async throws(SnapshotRefusal) -> (point: VectorChangePoint, applied: Int)? {
        do {
            return try await changes(log, since: start, model: model, to: index)
        } catch {
            throw .damaged("the changes since could not be applied: \(error)")
        }
    }

    private static func rebuild(
        _ index: QuantizedVectorIndex, model: ModelID, from catalog: any StoredVectors
    ) async throws {
        index.isLoading = true
        defer { index.isLoading = false }
        var row: ImageRow = 0
        while true {
            let vectors = try await catalog.vectors(model: model, after: row, limit: page)
            guard let last = vectors.last else { break }
            for (account, vectors) in Dictionary(grouping: vectors, by: \.accountID) {
                try await index.insert(
                    vectors.map { VectorEntry(row: $0.row, embedding: $0.embedding) }, account: account)
            }
            row = last.row
        }
        index.settleInBackground()
    }
}

extension QuantizedVectorIndex {
    /// Writes a snapshot for a `VectorIndexStore` to open, as of a point the caller vouches for: every change up to it
    /// is in the index.
    /// - Throws: `SnapshotError`; the snapshot that was there is left then.
    public func writeSnapshot(folder: String, model: ModelID, point: VectorChangePoint) async throws {
        try await save(file: VectorIndexStore.file(in: folder, model: model), model: model, point: point)
    }

    /// Writes all vectors to a file as they are now. Mutations go on meanwhile.
    /// - Throws: `SnapshotError`; the file that was there is left then.
    func save(file: String, model: ModelID, point: VectorChangePoint, room: Int = .max) async throws {
        let accounts = shards.withLock { $0.map { (id: $0.key, state: $0.value.state) } }
        let result = await compactingThread.run { () -> Result<Void, SnapshotError> in
            do throws(SnapshotError) {
                var writer = try SnapshotWriter(path: file, room: room)
                try writer.write(accounts, index: self, model: model, point: point)
                try writer.finish()
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Takes the place of all vectors from a file. The file stays mapped; replacing it by rename does no harm.
    /// - Returns: the point it was taken at.
    func load(file: String, model: ModelID) async throws(SnapshotRefusal) -> VectorChangePoint {
        let helpers = helpers
        let result = await writingThread.run { () -> Result<VectorChangePoint, SnapshotRefusal> in
            do throws(SnapshotRefusal) {
                var reader = try SnapshotReader(
                    path: file, rotation: self.rotation, seed: self.configuration.seed, model: model)
                let states = try reader.states(helpers: helpers)
                let loaded = states.map {
                    ($0.id, Shard(rotation: self.rotation, folder: self.folder, state: $0.state))
                }
                self.shards.withLock { $0 = Dictionary(uniqueKeysWithValues: loaded) }
                return .success(reader.point)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func removeAll() { shards.withLock { $0 = [:] } }
}
