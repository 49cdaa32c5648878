import BlobsFile
import Crypto
import Domain
import Foundation
import Testing

@Suite struct BlobStoreContractTests {
    let folder: TemporaryFolder
    let store: FileBlobStore
    init() throws {
        folder = try TemporaryFolder()
        store = try FileBlobStore(folder: folder.path, threads: 4)
    }

    private func put(_ bytes: [UInt8]) async throws -> StagedBlob {
        let staging = try await store.stage()
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            try await staging.write(Array(bytes[start..<min(start + 100_000, bytes.count)]))
        }
        return try await staging.finish()
    }

    private func get(_ hash: ContentHash, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in try await store.read(hash, range: range) { bytes += piece }
        return bytes
    }

    private var temporaries: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/tmp")) ?? []
    }

    @Test func bytesComeBackWholeAndInParts() async throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let blob = try await put(bytes)
        #expect(blob.hash == ContentHash(bytes: SHA256.hash(data: bytes)))
        #expect(blob.sizeBytes == 1_000_000)
        #expect(try await store.size(of: blob.hash) == nil)
        try await store.publish(blob)
        #expect(temporaries.isEmpty)
        #expect(try await store.size(of: blob.hash) == 1_000_000)
        #expect(try await get(blob.hash) == bytes)
        #expect(try await get(blob.hash, 5..<300_000) == Array(bytes[5..<300_000]))
        #expect(try await get(blob.hash, 999_999..<2_000_000) == [bytes[999_999]])
    }

    @Test func equalBytesPublishedAtOnceAreStoredOnce() async throws {
        var staged: [StagedBlob] = []
        for _ in 0..<8 { staged.append(try await put([1, 2, 3])) }
        try await withThrowingTaskGroup { group in
            for blob in staged { group.addTask { try await store.publish(blob) } }
            try await group.waitForAll()
        }
        var all: [ContentHash] = []
        for try await hash in try await store.all() { all.append(hash) }
        #expect(all == [staged[0].hash])
        #expect(temporaries.isEmpty)
        #expect(try await get(staged[0].hash) == [1, 2, 3])
    }

    @Test func whatIsNotPublishedLeavesNothing() async throws {
        let blob = try await put([1])
        await store.discard(blob)
        let staging = try await store.stage()
        try await staging.write([1])
        await staging.cancel()
        await staging.cancel()
        #expect(temporaries.isEmpty)
        _ = try await put([2])
        #expect(try await store.sweepTemporaries() == 1)
        #expect(temporaries.isEmpty)
    }

    @Test func whatIsRemovedIsGone() async throws {
        let blob = try await put([7])
        try await store.publish(blob)
        try await store.remove(blob.hash)
        try await store.remove(blob.hash)
        #expect(try await store.size(of: blob.hash) == nil)
        await #expect(throws: BlobError.notFound(blob.hash)) { _ = try await get(blob.hash) }
        await #expect(throws: BlobError.notFound(blob.hash)) { try await store.withLocalFile(blob.hash) { _ in } }
        try await store.check()
        #expect(temporaries.isEmpty)
    }
}
