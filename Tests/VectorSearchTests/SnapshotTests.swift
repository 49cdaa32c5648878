import Domain
import Foundation
import Synchronization
import Testing

@testable import VectorSearch

@Suite final class SnapshotTests {
    private let folder: String
    private var file: String { folder + "/index.snapshot" }
    private let model = ModelID(rawValue: "starter-1")
    private let point = VectorChangePoint(sequence: 7, token: 99)
    private let configuration = SearchConfiguration(
        codeConfidence: 5, groupConfidence: 12, groupingThreshold: 600)
    private var source = VectorSource(dimension: 64, seed: 21)

    init() throws {
        folder = NSTemporaryDirectory() + "imago-vectors-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func emptyIndex() -> QuantizedVectorIndex {
        QuantizedVectorIndex(dimension: 64, folder: folder, configuration: configuration)
    }

    /// Groups, a tail beside them, dead slots in both and a second account.
    private func filledIndex() async throws -> QuantizedVectorIndex {
        let index = emptyIndex()
        try await index.insert(
            (1...800).map { VectorEntry(row: $0, embedding: source.next()) }, account: someone)
        await index.settle()
        try await index.insert(
            (790...900).map { VectorEntry(row: $0, embedding: source.next()) }, account: someone)
        try await index.remove([3, 5, 850], account: someone)
        try await index.insert([VectorEntry(row: 2000, embedding: source.next())], account: someoneElse)
        return index
    }

    private func isSame(_ left: QuantizedVectorIndex, _ right: QuantizedVectorIndex) async throws -> Bool {
        guard left.count == right.count else { return false }
        for account in [someone, someoneElse] {
            for exact in [false, true] {
                let query = VectorQuery(embedding: source.next(), limit: 20, exact: exact)
                guard try await left.search(query, account: account) == right.search(query, account: account) else {
                    return false
                }
            }
        }
        return true
    }

    @Test func aSnapshotHoldsEverything() async throws {
        let index = try await filledIndex()
        try await index.save(file: file, model: model, point: point)
        let loaded = emptyIndex()
        #expect(try await loaded.load(file: file, model: model) == point)
        #expect(try await isSame(index, loaded))
        // It is as alive as the one it was taken of.
        for each in [index, loaded] { try await each.remove([10, 899], account: someone) }
        let more = VectorEntry(row: 20, embedding: source.next())
        for each in [index, loaded] { try await each.insert([more], account: someone) }
        #expect(try await isSame(index, loaded))
        await loaded.settle()
        #expect(try await isSame(index, loaded))
        #expect(loaded.count(of: someone) == 895)
    }

    @Test func aTruncatedFileIsRefusedWhereverItEnds() async throws {
        try await filledIndex().save(file: file, model: model, point: point)
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(whole.count > 100_000)
        for end in stride(from: 0, to: whole.count, by: 4096) {
            try whole.prefix(end).write(to: URL(fileURLWithPath: file))
            let index = emptyIndex()
            await #expect(throws: SnapshotRefusal.self, "cut at \(end)") {
                try await index.load(file: self.file, model: self.model)
            }
            #expect(index.count == 0)
        }
    }

    @Test func aFlippedBitIsRefusedOrHarmless() async throws {
        let index = try await filledIndex()
        try await index.save(file: file, model: model, point: point)
        let whole = try Data(contentsOf: URL(fileURLWithPath: file))
        var refused = 0
        let seed: UInt64 = 5
        var random = SplitMix64(state: seed)
        let headerBits = Array(stride(from: 0, to: 12 * 64, by: 7))
        for bit in headerBits + (0..<60).map({ _ in Int.random(in: 0..<whole.count * 8, using: &random) }) {
            var damaged = whole
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try damaged.write(to: URL(fileURLWithPath: file))
            let loaded = emptyIndex()
            do {
                _ = try await loaded.load(file: file, model: model)
                // Only the padding between sections is under no checksum.
                #expect(try await isSame(index, loaded), "seed \(seed): bit \(bit)")
            } catch is SnapshotRefusal {
                refused += 1
            }
        }
        #expect(refused > headerBits.count + 40)
    }

    @Test func otherVersionsModelsDimensionsAndSeedsAreRefused() async throws {
        try await filledIndex().save(file: file, model: model, point: point)
        let other = ModelID(rawValue: "other")
        await #expect(throws: SnapshotRefusal.different("model")) {
            try await self.emptyIndex().load(file: self.file, model: other)
        }
        let wider = QuantizedVectorIndex(dimension: 128, configuration: configuration)
        await #expect(throws: SnapshotRefusal.different("dimension or seed")) {
            try await wider.load(file: self.file, model: self.model)
        }
        var data = try Data(contentsOf: URL(fileURLWithPath: file))
        data[8] = 200
        try data.write(to: URL(fileURLWithPath: file))
        await #expect(throws: SnapshotRefusal.different("format version 200")) {
            try await self.emptyIndex().load(file: self.file, model: self.model)
        }
        await #expect(throws: SnapshotRefusal.missing) {
            try await self.emptyIndex().load(file: self.file + "-not", model: self.model)
        }
    }

    @Test func aFullDiskLeavesTheOldSnapshot() async throws {
        let index = try await filledIndex()
        try await index.save(file: file, model: model, point: point)
        let size = try Data(contentsOf: URL(fileURLWithPath: file)).count
        try await index.remove([1], account: someone)
        for room in [0, 1, 4096, size / 2, size - 5000] {
            await #expect(throws: SnapshotError.storeFull) {
                try await index.save(file: self.file, model: self.model, point: self.point, room: room)
            }
            #expect(!FileManager.default.fileExists(atPath: file + ".new"))
            let loaded = emptyIndex()
            #expect(try await loaded.load(file: file, model: model) == point)
            #expect(loaded.count == index.count + 1)
        }
        await #expect(throws: SnapshotError.self) {
            try await index.save(file: "/no/such/folder/x", model: self.model, point: self.point)
        }
    }

    @Test func theStoreAppliesWhatChangedSinceAndRebuildsWhereItCanNot() async throws {
        let ledger = Ledger()
        for row in 1...50 { ledger.store(ImageRow(row), source.next()) }
        func open(_ catalog: any StoredVectors) async throws -> VectorIndexStore {
            try await VectorIndexStore(folder: folder, model: model, dimension: 64, catalog: catalog)
        }
        let first = try await open(ledger)
        #expect(first.origin == .rebuilt(vectors: 50, because: .missing))
        ledger.store(51, source.next())
        ledger.store(3, nil)
        #expect(try await first.save())
        // The save itself brought the index up to the catalog.
        #expect(first.index.count == 50)
        ledger.store(52, source.next())
        ledger.store(4, nil)

        let second = try await open(ledger)
        guard case .snapshot(50, let applied) = second.origin else {
            Issue.record("\(second.origin)")
            return
        }
        #expect(applied >= 2)
        let all = VectorQuery(embedding: source.next(), limit: 100)
        let rows = try await second.index.search(all, account: someone).map(\.row)
        #expect(Set(rows) == Set(1...52).subtracting([3, 4]))

        ledger.forgetHistory()
        #expect(try await open(ledger).origin == .rebuilt(vectors: 50, because: .unknownPoint))
        #expect(try await open(PlainVectors(ledger: ledger)).origin == .rebuilt(vectors: 50, because: .unknownPoint))
        #expect(try await open(PlainVectors(ledger: ledger)).save() == false)
    }
}

/// A catalog's vectors and its log, in memory.
private final class Ledger: StoredVectors, VectorChangeLog {
    private let state = Mutex((vectors: [ImageRow: Embedding](), changes: [ImageRow](), token: UInt64(1)))

    func store(_ row: ImageRow, _ embedding: Embedding?) {
        state.withLock { state in
            state.vectors[row] = embedding
            state.changes.append(row)
        }
    }

    func forgetHistory() { state.withLock { $0.token += 1 } }

    func vectors(model: ModelID, after row: ImageRow, limit: Int) -> [StoredVector] {
        state.withLock { state in
            state.vectors.keys.sorted().filter { $0 > row }.prefix(Swift.min(limit, 7)).map {
                StoredVector(row: $0, accountID: someone, embedding: state.vectors[$0]!)
            }
        }
    }

    func vectorChangePoint(model: ModelID) -> VectorChangePoint {
        state.withLock { VectorChangePoint(sequence: Int64($0.changes.count), token: $0.token) }
    }

    func vectorChanges(model: ModelID, since point: VectorChangePoint, limit: Int) -> [VectorChange]? {
        state.withLock { state in
            guard point.token == state.token else { return nil }
            return state.changes.enumerated().dropFirst(Int(point.sequence)).prefix(3).map { place, row in
                VectorChange(
                    point: VectorChangePoint(sequence: Int64(place + 1), token: state.token), row: row,
                    accountID: someone, embedding: state.vectors[row])
            }
        }
    }
}

private struct PlainVectors: StoredVectors {
    let ledger: Ledger
    func vectors(model: ModelID, after row: ImageRow, limit: Int) -> [StoredVector] {
        ledger.vectors(model: model, after: row, limit: limit)
    }
}
