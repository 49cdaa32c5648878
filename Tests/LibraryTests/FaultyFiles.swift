import Domain
import Foundation
import Synchronization
import LibraryTesting

@testable import BlobsFile

/// The real file system, whose calls fail when a test says so.
final class FaultyFiles: FileSystem {
    /// Whether a call fails, by its name and how many of that name there were before, from 0.
    typealias Fault = @Sendable (_ call: String, _ number: Int) -> Int32?

    private struct State {
        var fault: Fault?
        var counts: [String: Int] = [:]
        var total = 0
    }
    private let state = Mutex(State())
    private let real = LocalFileSystem()

    /// From now on, calls are counted from 0 and fail with the number that this returns.
    func fail(_ fault: Fault?) {
        state.withLock { $0 = State(fault: fault) }
    }

    /// Calls since the fault was set.
    var calls: Int { state.withLock { $0.total } }

    private func check(_ call: String) throws(FileSystemError) {
        let code = state.withLock { state -> Int32? in
            let number = state.counts[call, default: 0]
            state.counts[call] = number + 1
            state.total += 1
            return state.fault?(call, number)
        }
        if let code { throw FileSystemError(call: call, code: code) }
    }

    func makeFolder(_ path: String) throws(FileSystemError) {
        try check("mkdir")
        try real.makeFolder(path)
    }
    func create(_ path: String) throws(FileSystemError) -> Int32 {
        try check("create")
        return try real.create(path)
    }
    func openForReading(_ path: String) throws(FileSystemError) -> Int32 {
        try check("open")
        return try real.openForReading(path)
    }
    func write(_ bytes: [UInt8], to descriptor: Int32) throws(FileSystemError) {
        try check("write")
        try real.write(bytes, to: descriptor)
    }
    func read(
        into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, at offset: Int64
    ) throws(FileSystemError) -> Int {
        try check("read")
        return try real.read(into: buffer, from: descriptor, at: offset)
    }
    func size(of path: String) throws(FileSystemError) -> Int64 {
        try check("size")
        return try real.size(of: path)
    }
    func synchronize(_ path: String) throws(FileSystemError) {
        try check("fsync")
        try real.synchronize(path)
    }
    func rename(_ path: String, to target: String) throws(FileSystemError) {
        try check("rename")
        try real.rename(path, to: target)
    }
    func remove(_ path: String) throws(FileSystemError) {
        try check("remove")
        try real.remove(path)
    }
    func names(in folder: String) throws(FileSystemError) -> [String] {
        try check("names")
        return try real.names(in: folder)
    }
    func close(_ descriptor: Int32) { real.close(descriptor) }
}

extension TestLibrary {
    /// With a file store whose calls can be made to fail.
    static func faulty() async throws -> (TestLibrary, FaultyFiles) {
        let files = FaultyFiles()
        let test = try await TestLibrary(makeBlobs: { try FileBlobStore(folder: $0, threads: 2, files: files) })
        return (test, files)
    }
}
