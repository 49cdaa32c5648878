#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
import CKernels
import Domain

/// Writes a snapshot beside its final name, makes it durable and renames it into place: there is the old one or the
/// new one, never half of one.
struct SnapshotWriter: ~Copyable {
    private let path: String
    private let temporary: String
    private let file: Int32
    private var offset = 0
    /// Bytes the disk is taken to have left, for tests.
    private let room: Int
    private var isDone = false

    init(path: String, room: Int = .max) throws(SnapshotError) {
        self.path = path
        self.room = room
        temporary = path + ".new"
        file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("open") }
    }

    deinit {
        if !isDone {
            close(file)
            unlink(temporary)
        }
    }

    mutating func write(
        _ accounts: [(id: AccountID, state: ShardState)], index: QuantizedVectorIndex, model: ModelID,
        point: VectorChangePoint
    ) throws(SnapshotError) {
        try append([UInt8](repeating: 0, count: SnapshotFormat.page))
        var table = TableWriter()
        table.put(Array(model.rawValue.utf8).map(UInt64.init))
        table.put(accounts.count)
        for (id, state) in accounts {
            table.put([id.uuid.high, id.uuid.low])
            table.put(state.segments.count)
            var block = 0
            for view in state.segments {
                try write(view, of: state, firstBlock: block, rotation: index.rotation, table: &table)
                block += (view.count + VectorBlock.maximumCapacity - 1) / VectorBlock.maximumCapacity
            }
        }
        let start = try section(table.words)
        let header: [UInt64] = [
            SnapshotFormat.magic, SnapshotFormat.version, UInt64(index.dimension), index.configuration.seed,
            UInt64(bitPattern: point.sequence), point.token, UInt64(start), UInt64(table.words.count),
            table.words.withUnsafeBytes { imago_checksum($0.baseAddress!, $0.count, 0) }, UInt64(offset), 0,
        ]
        let whole = header + [header.withUnsafeBytes { imago_checksum($0.baseAddress!, $0.count, 0) }]
        offset = 0
        guard lseek(file, 0, SEEK_SET) == 0 else { throw Self.failure("seek") }
        try append(whole)
    }

    /// Makes the file durable and gives it its name.
    mutating func finish() throws(SnapshotError) {
        guard fsync(file) == 0 else { throw Self.failure("fsync") }
        guard rename(temporary, path) == 0 else { throw Self.failure("rename") }
        isDone = true
        close(file)
        let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        let directory = open(folder, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure("open folder") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure("fsync folder") }
    }

    private mutating func write(
        _ view: SegmentView, of state: ShardState, firstBlock: Int, rotation: Rotation, table: inout TableWriter
    ) throws(SnapshotError) {
        let count = view.count
        let segment = view.segment
        let groups = segment.groups
        table.put(count)
        table.put(groups.centroids)
        table.put(groups.starts.map(UInt64.init))
        table.put(groups.radii)
        table.put(groups.scatter?.residuals ?? [])
        table.put(view.dead.count)
        for page in view.dead { table.put(page) }

        try align()
        let start = offset
        var sums = Checksums()
        try put(UnsafeRawBufferPointer(start: segment.codes.codes, count: count * rotation.words * 8), &sums)
        try put(UnsafeRawBufferPointer(start: segment.rows, count: count * 8), &sums)
        for factor in [segment.codes.scale, segment.codes.offset, segment.codes.spread] {
            try put(UnsafeRawBufferPointer(start: factor, count: count * 4), &sums)
        }
        // In the file, vectors lie in the order of their slots.
        let locations = (0..<UInt32(count)).map { (UInt32(firstBlock) + $0 >> 16) << 16 | $0 & 0xFFFF }
        try put(locations, &sums)
        table.put(start)
        table.put(sums.finish())

        try align()
        table.put(offset)
        sums = Checksums()
        let dimension = rotation.dimension
        var buffer: [UInt16] = []
        for slot in 0..<count {
            buffer += UnsafeBufferPointer(
                start: state.vector(at: segment.locations[slot], dimension: dimension), count: dimension)
            if buffer.count >= 1 << 19 || slot == count - 1 {
                try put(buffer, &sums)
                buffer.removeAll(keepingCapacity: true)
            }
        }
        table.put(sums.finish())
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer, _ sums: inout Checksums) throws(SnapshotError) {
        sums.add(bytes)
        try append(bytes)
    }

    private mutating func put<Element>(_ values: [Element], _ sums: inout Checksums) throws(SnapshotError) {
        values.withUnsafeBytes { sums.add($0) }
        try append(values)
    }

    private mutating func section(_ words: [UInt64]) throws(SnapshotError) -> Int {
        try align()
        let start = offset
        try append(words)
        return start
    }

    private mutating func align() throws(SnapshotError) {
        try append([UInt8](repeating: 0, count: SnapshotFormat.aligned(offset) - offset))
    }

    private mutating func append<Element>(_ values: [Element]) throws(SnapshotError) {
        // The array's own method does not carry a typed error through.
        let result = values.withUnsafeBytes { bytes -> Result<Void, SnapshotError> in
            do throws(SnapshotError) { return .success(try append(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SnapshotError) {
        var done = 0
        while done < bytes.count {
            guard offset + bytes.count - done <= room else { throw .storeFull }
            let written = systemWrite(file, bytes.baseAddress! + done, bytes.count - done)
            guard written >= 0 || errno == EINTR else { throw Self.failure("write") }
            done += Swift.max(0, written)
            offset += Swift.max(0, written)
        }
    }

    private static func failure(_ call: String) -> SnapshotError {
        errno == ENOSPC || errno == EDQUOT ? .storeFull : .unavailable("\(call): \(String(cString: strerror(errno)))")
    }
}

/// `write(2)`, under a name the writer's own methods don't hide.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }

/// The checksums of a section that comes in parts.
private struct Checksums {
    private var sums: [UInt64] = []
    private var pending: [UInt8] = []
    private var start = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(SnapshotFormat.piece - pending.count)
            pending += part
            rest = rest.dropFirst(part.count)
            if pending.count == SnapshotFormat.piece { close() }
        }
    }

    mutating func finish() -> [UInt64] {
        if !pending.isEmpty { close() }
        return sums
    }

    private mutating func close() {
        sums.append(pending.withUnsafeBytes { imago_checksum($0.baseAddress!, $0.count, UInt64(start)) })
        start += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
