@testable import BlobsS3
import Domain
import Foundation
import NIOHTTP1
import Synchronization

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/imago-s3-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    /// Paths of all files in it, from it on.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return all.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }
}

/// A time that stands until it is moved.
final class TestClock: TimeSource {
    private let time: Mutex<Timestamp>
    init(_ time: Timestamp = 1_764_000_000) { self.time = Mutex(time) }
    var now: Timestamp { time.withLock { $0 } }
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

struct RealClock: TimeSource { var now: Timestamp { Date().timeIntervalSince1970 } }

/// The seconds that a store would have waited.
final class Waits: Sendable {
    private let list = Mutex<[Double]>([])
    var seconds: [Double] { list.withLock { $0 } }
    func note(_ seconds: Double) { list.withLock { $0.append(seconds) } }
}

/// A store on a fake bucket, and what there is to look at.
struct StoreUnderTest: Sendable {
    let store: S3BlobStore
    let bucket: FakeBucket
    let server: ScriptedServer
    let folder: TemporaryFolder
    let clock: TestClock
    let waits: Waits

    @discardableResult
    static func run<Value>(
        configure: (inout S3Configuration) -> Void = { _ in },
        isDeafTo: @escaping @Sendable (HTTPRequestHead) -> Bool = { _ in false },
        intervene: @escaping @Sendable (ScriptedServer.Request, _ earlier: Int) -> ScriptedServer.Reply? = { _, _ in nil
        },
        _ body: (StoreUnderTest) async throws -> Value
    ) async throws -> Value {
        let bucket = FakeBucket(intervene: intervene)
        let folder = try TemporaryFolder()
        let clock = TestClock()
        let waits = Waits()
        return try await ScriptedServer.run(isDeafTo: isDeafTo, { await bucket.answer($0) }) { server in
            var configuration = S3Configuration(
                location: try S3Location("s3://bucket/p?endpoint=\(server.endpoint)"), folder: folder.path + "/local",
                environment: [:])
            configuration.credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret")
            configuration.sleep = { seconds in
                waits.note(seconds)
                await Task.yield()
            }
            configuration.random = { 0.5 }
            configure(&configuration)
            let store = try await S3BlobStore.open(configuration, clock: clock)
            return try await body(
                StoreUnderTest(
                    store: store, bucket: bucket, server: server, folder: folder, clock: clock, waits: waits))
        }
    }
}

extension BlobStore {
    /// Stages bytes without publishing them.
    func put(_ bytes: [UInt8]) async throws -> StagedBlob {
        let staging = try await stage()
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            try await staging.write(Array(bytes[start..<min(start + 100_000, bytes.count)]))
        }
        return try await staging.finish()
    }

    @discardableResult
    func store(_ bytes: [UInt8]) async throws -> ContentHash {
        let blob = try await put(bytes)
        try await publish(blob)
        return blob.hash
    }

    func bytes(_ hash: ContentHash, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in try await read(hash, range: range) { bytes += piece }
        return bytes
    }

    func hashes() async throws -> [ContentHash] {
        var hashes: [ContentHash] = []
        for try await hash in try await all() { hashes.append(hash) }
        return hashes
    }
}

/// Bytes that look like nothing, the same for the same number.
func noise(_ count: Int, _ seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var bytes = [UInt8](repeating: 0, count: count)
    for position in stride(from: 0, to: count, by: 8) {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        for byte in 0..<min(8, count - position) {
            bytes[position + byte] = UInt8(truncatingIfNeeded: state >> (8 * byte))
        }
    }
    return bytes
}
