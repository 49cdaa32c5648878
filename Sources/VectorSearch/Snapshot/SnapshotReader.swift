import CKernels
import Domain
import Synchronization

/// Maps a snapshot and checks every byte of it before anything is believed.
struct SnapshotReader {
    private struct Section {
        let offset: Int
        let bytes: Int
        let checksums: [UInt64]
    }

    let file: MappedFile
    let point: VectorChangePoint
    private let rotation: Rotation
    private var table: TableReader
    private var sections: [Section] = []

    init(path: String, rotation: Rotation, seed: UInt64, model: ModelID) throws(SnapshotRefusal) {
        guard let file = MappedFile(path: path) else { throw .missing }
        self.file = file
        self.rotation = rotation
        guard file.count >= SnapshotFormat.page else { throw .damaged("shorter than a header") }
        let header = Array(
            UnsafeRawBufferPointer(start: file.base, count: SnapshotFormat.headerWords * 8).bindMemory(to: UInt64.self))
        guard header[0] == SnapshotFormat.magic else { throw .different("no snapshot of this kind") }
        guard header[1] == SnapshotFormat.version else { throw .different("format version \(header[1])") }
        let sum = imago_checksum(file.base, (SnapshotFormat.headerWords - 1) * 8, 0)
        guard header[11] == sum else { throw .damaged("header") }
        guard header[2] == UInt64(rotation.dimension), header[3] == seed else { throw .different("dimension or seed") }
        guard header[9] == UInt64(file.count) else { throw .damaged("\(file.count) bytes instead of \(header[9])") }
        let start = Int(header[6])
        let count = Int(header[7])
        guard start % 8 == 0, start <= file.count, count <= (file.count - start) / 8 else {
            throw .damaged("table place")
        }
        guard imago_checksum(file.base + start, count * 8, 0) == header[8] else { throw .damaged("table") }
        point = VectorChangePoint(sequence: Int64(bitPattern: header[4]), token: header[5])
        table = TableReader(
            words: Array(UnsafeRawBufferPointer(start: file.base + start, count: count * 8).bindMemory(to: UInt64.self))
        )
        guard try table.integers() == Array(model.rawValue.utf8).map(UInt64.init) else { throw .different("model") }
    }

    /// The states of all accounts.
    mutating func states(helpers: WorkerThreads) throws(SnapshotRefusal) -> [(id: AccountID, state: ShardState)] {
        var result: [(id: AccountID, state: ShardState)] = []
        for _ in 0..<(try table.number()) {
            let id = try table.integers()
            guard id.count == 2 else { throw .damaged("account") }
            var state = ShardState()
            for _ in 0..<(try table.number()) { try readSegment(into: &state) }
            result.append((AccountID(UUIDValue(high: id[0], low: id[1])), state))
        }
        try verify(helpers)
        return result
    }

    private mutating func readSegment(into state: inout ShardState) throws(SnapshotRefusal) {
        let dimension = rotation.padded
        let count = try table.number()
        let centroids = try table.floats()
        let starts = try table.integers().map { Int(clamping: $0) }
        let radii = try table.floats()
        let residuals = try table.floats()
        var dead: [[UInt64]] = []
        for _ in 0..<(try table.number()) { dead.append(try table.integers()) }
        let codes = try section(bytes: Segment.bytes(capacity: count, words: rotation.words))
        let vectors = try section(bytes: count * rotation.dimension * 2)

        let groupCount = centroids.count / dimension
        let isSingle = starts.isEmpty
        guard centroids.count % dimension == 0, groupCount > 0, residuals.count % dimension == 0,
            isSingle ? groupCount == 1 : starts.count == groupCount + 1 && starts.last == count,
            isSingle || radii.count == groupCount, starts == starts.sorted(), starts.first ?? 0 == 0
        else { throw .damaged("groups") }
        let groups =
            isSingle
            ? Groups(centroid: centroids)
            : Groups(
                centroids: centroids, dimension: dimension, starts: starts, radii: radii,
                scatter: Scatter(residuals: residuals, dimension: dimension))
        let segment = Segment(capacity: count, groups: groups, words: rotation.words, file: file, offset: codes.offset)
        for start in stride(from: 0, to: count, by: VectorBlock.maximumCapacity) {
            let capacity = Swift.min(VectorBlock.maximumCapacity, count - start)
            _ = state.add(
                VectorBlock(
                    capacity: capacity, dimension: rotation.dimension, file: file,
                    offset: vectors.offset + start * rotation.dimension * 2))
        }
        let first = state.segments.last.map { $0.firstSlot + $0.segment.capacity } ?? 0
        let view = SegmentView(segment: segment, firstSlot: first, count: count, dead: dead)
        state.segments.append(view)
        state.count += count - view.deadCount
    }

    private mutating func section(bytes: Int) throws(SnapshotRefusal) -> Section {
        let offset = try table.number(upTo: file.count)
        let section = Section(offset: offset, bytes: bytes, checksums: try table.integers())
        guard offset % SnapshotFormat.page == 0, bytes <= file.count - offset,
            section.checksums.count == (bytes + SnapshotFormat.piece - 1) / SnapshotFormat.piece
        else { throw .damaged("section place") }
        sections.append(section)
        return section
    }

    private func verify(_ helpers: WorkerThreads) throws(SnapshotRefusal) {
        let pieces = sections.flatMap { section in
            section.checksums.enumerated().map { (section, $0.offset * SnapshotFormat.piece, $0.element) }
        }
        let file = file
        let count = DamageCount()
        SharedLoop.run(pieces.count, on: helpers) { index in
            let (section, start, expected) = pieces[index]
            let bytes = Swift.min(SnapshotFormat.piece, section.bytes - start)
            let sum = imago_checksum(file.base + section.offset + start, bytes, UInt64(start))
            if sum != expected { count.increment() }
        }
        guard count.value == 0 else { throw .damaged("\(count.value) pieces of 4 MiB") }
    }
}

/// How many pieces were not what they should be.
private final class DamageCount: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .acquiring) }
    func increment() { count.add(1, ordering: .releasing) }
}
