import Domain
import NIOPosix

/// Renditions as files of one folder, within a limit of bytes; the longest unused go first.
///
/// A file is flushed before it gets its name, so that a crash leaves whole copies or none.
public actor FileRenditionCache: RenditionCache {
    private struct Entry {
        let sizeBytes: Int
        var used: UInt64
    }

    private let folder: String
    private let maximumBytes: Int
    private let files: any FileSystem
    private let threads: NIOThreadPool
    private var entries: [String: Entry] = [:]
    /// Names by the part of them that is the content's hash.
    private var names: [Substring: Set<String>] = [:]
    private var total = 0
    private var tick: UInt64 = 0

    /// Takes over what an earlier run left in the folder.
    /// - Parameter maximumBytes: 0 keeps nothing.
    public init(folder: String, maximumBytes: Int, threads: NIOThreadPool = .singleton) throws {
        try self.init(folder: folder, maximumBytes: maximumBytes, threads: threads, files: LocalFileSystem())
    }

    init(folder: String, maximumBytes: Int, threads: NIOThreadPool, files: any FileSystem) throws {
        self.folder = folder
        self.maximumBytes = maximumBytes
        self.threads = threads
        self.files = files
        do throws(FileSystemError) {
            try files.makeFolder(folder)
            for name in try files.names(in: folder).sorted() {
                if name.hasSuffix(Self.unfinished) {
                    try? files.remove("\(folder)/\(name)")
                } else if let size = try? files.size(of: "\(folder)/\(name)") {
                    entries[name] = Entry(sizeBytes: Int(size), used: 0)
                    names[Self.content(name), default: []].insert(name)
                    total += Int(size)
                }
            }
        } catch {
            throw error.blobError
        }
    }

    private static let unfinished = ".part"

    public func rendition(_ key: RenditionKey) async -> [UInt8]? {
        let name = key.name
        guard let entry = entries[name] else { return nil }
        touch(name)
        let path = "\(folder)/\(name)"
        let bytes = try? await threads.runIfActive { [files] in try files.contents(of: path, count: entry.sizeBytes) }
        if bytes == nil { forget(name) }
        return bytes
    }

    public func keep(_ bytes: [UInt8], for key: RenditionKey) async {
        let name = key.name
        guard bytes.count <= maximumBytes, entries[name] == nil else { return }
        await makeRoom(for: bytes.count)
        let path = "\(folder)/\(name)"
        let written: Void? = try? await threads.runIfActive { [files] in try files.replace(path, with: bytes) }
        guard written != nil, entries[name] == nil else { return }
        tick += 1
        entries[name] = Entry(sizeBytes: bytes.count, used: tick)
        names[Self.content(name), default: []].insert(name)
        total += bytes.count
    }

    public func removeAll(of content: ContentHash) async {
        let removed = names[content.hex[...]] ?? []
        for name in removed { forget(name) }
        await remove(removed)
    }

    private static func content(_ name: String) -> Substring { name.prefix { $0 != "-" } }

    /// Bytes kept.
    public var sizeBytes: Int { total }

    private func touch(_ name: String) {
        tick += 1
        entries[name]?.used = tick
    }

    private func forget(_ name: String) {
        guard let entry = entries.removeValue(forKey: name) else { return }
        total -= entry.sizeBytes
        let content = Self.content(name)
        names[content]?.remove(name)
        if names[content]?.isEmpty == true { names[content] = nil }
    }

    /// Makes room for more than is needed at the moment, so that the entries are sorted seldom.
    private func makeRoom(for count: Int) async {
        guard total + count > maximumBytes else { return }
        let goal = maximumBytes - max(count, maximumBytes / 10)
        var removed: [String] = []
        for (name, _) in entries.sorted(by: { $0.value.used < $1.value.used }) where total > max(0, goal) {
            forget(name)
            removed.append(name)
        }
        await remove(removed)
    }

    private func remove(_ names: some Sequence<String>) async {
        let paths = names.map { "\(folder)/\($0)" }
        _ = try? await threads.runIfActive { [files] in for path in paths { try? files.remove(path) } }
    }
}

extension FileSystem {
    /// The whole of a file that must have just that many bytes.
    fileprivate func contents(of path: String, count: Int) throws -> [UInt8] {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        var failure: FileSystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileSystemError) {
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let read = try self.read(into: rest, from: descriptor, at: Int64(filled))
                    guard read > 0 else { break }
                    filled += read
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        guard bytes.count == count else { throw FileSystemError(call: "read", code: 0) }
        return bytes
    }

    /// Puts a file in place in one step.
    fileprivate func replace(_ path: String, with bytes: [UInt8]) throws {
        let temporary = "\(path).\(UInt64.random(in: .min ... .max)).part"
        let descriptor = try create(temporary)
        do {
            defer { close(descriptor) }
            try write(bytes, to: descriptor)
            try synchronize(temporary)
        } catch {
            try? remove(temporary)
            throw error
        }
        try rename(temporary, to: path)
    }
}
