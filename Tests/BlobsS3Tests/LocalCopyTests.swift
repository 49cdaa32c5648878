@testable import BlobsS3
import Domain
import Foundation
import Synchronization
import Testing

@Suite struct LocalCopyTests {
    private func contents(_ store: S3BlobStore, _ hash: ContentHash) async throws -> [UInt8] {
        try await store.withLocalFile(hash) { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
    }

    private func gets(_ test: StoreUnderTest) async -> Int { await test.bucket.log.count { $0.hasPrefix("GET") } }

    @Test func whatWasUploadedHereIsHere() async throws {
        try await StoreUnderTest.run { test async throws in
            let hash = try await test.store.store(noise(1000))
            #expect(try await contents(test.store, hash) == noise(1000))
            #expect(await gets(test) == 0)
            try await test.store.remove(hash)
            await #expect(throws: BlobError.notFound(hash)) { _ = try await contents(test.store, hash) }
            #expect(test.folder.files.isEmpty)
        }
    }

    @Test func manyWhoAskAtOnceCauseOneDownload() async throws {
        try await StoreUnderTest.run { test async throws in
            let bytes = noise(2_000_000)
            let hash = ContentHash(sha256Of: bytes)
            await test.bucket.put("p/\(hash)", bytes)
            try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask { () async throws in #expect(try await contents(test.store, hash) == bytes) }
                }
                try await group.waitForAll()
            }
            #expect(await gets(test) == 1)
        }
    }

    @Test func aFailureIsEveryonesAndNotKept() async throws {
        try await StoreUnderTest.run { test async throws in
            let hash = ContentHash(sha256Of: [5])
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        await #expect(throws: BlobError.notFound(hash)) { _ = try await contents(test.store, hash) }
                    }
                }
            }
            await test.bucket.put("p/\(hash)", [5])
            #expect(try await contents(test.store, hash) == [5])
        }
    }

    @Test func theLeastRecentlyUsedGoFirst() async throws {
        try await StoreUnderTest.run(configure: { $0.cacheBytes = 3000 }) { test async throws in
            var hashes: [ContentHash] = []
            for seed in 1...3 { hashes.append(try await test.store.store(noise(1000, UInt64(seed)))) }
            _ = try await contents(test.store, hashes[0])
            hashes.append(try await test.store.store(noise(1000, 4)))
            #expect(await test.store.copies.total == 3000)
            for position in [0, 2, 3] { _ = try await contents(test.store, hashes[position]) }
            #expect(await gets(test) == 0)
            #expect(try await contents(test.store, hashes[1]) == noise(1000, 2))
            #expect(await gets(test) == 1)
        }
    }

    @Test func whatIsInUseStays() async throws {
        try await StoreUnderTest.run(configure: { $0.cacheBytes = 1500 }) { test async throws in
            let first = try await test.store.store(noise(1000, 1))
            try await test.store.withLocalFile(first) { path in
                // One after another takes the room that the first does not give up.
                for seed in 2...4 { try await test.store.store(noise(1000, UInt64(seed))) }
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 1000)
            }
            #expect(await gets(test) == 0)
            try await test.store.store(noise(1200, 5))
            _ = try await contents(test.store, first)
            #expect(await gets(test) == 1)
            #expect(await test.store.copies.total <= 1500)
        }
    }

    @Test func whatIsLargerThanTheRoomIsGoneAfterItsUse() async throws {
        try await StoreUnderTest.run(configure: { $0.cacheBytes = 1500 }) { test async throws in
            let small = try await test.store.store(noise(1000, 1))
            let large = try await test.store.store(noise(2000, 2))
            #expect(try await contents(test.store, large) == noise(2000, 2))
            #expect(try await contents(test.store, large) == noise(2000, 2))
            #expect(await gets(test) == 2)
            // It did not push out the others.
            _ = try await contents(test.store, small)
            #expect(await gets(test) == 2)
            #expect(await test.store.copies.total == 1000)
        }
    }

    @Test func copiesOfAnEarlierRunAreUsedIfTheyAreIntact() async throws {
        try await StoreUnderTest.run { test async throws in
            let intact = try await test.store.store(noise(1000, 1))
            let damaged = try await test.store.store(noise(1000, 2))
            try await test.store.withLocalFile(damaged) { path in
                try Data(noise(1000, 3)).write(to: URL(fileURLWithPath: path))
            }
            let again = try await S3BlobStore.open(test.store.configuration, clock: test.clock)
            #expect(await again.copies.total == 2000)
            #expect(try await contents(again, intact) == noise(1000, 1))
            #expect(await gets(test) == 0)
            #expect(try await contents(again, damaged) == noise(1000, 2))
            #expect(await gets(test) == 1)
        }
    }

    /// Every file has the right bytes and the bound holds, whatever meets whatever.
    @Test func copiesComeAndGoUnderLoad() async throws {
        try await StoreUnderTest.run(configure: { $0.cacheBytes = 5000 }) { test async throws in
            let blobs = (1...12).map { noise(700 + 50 * $0, UInt64($0)) }
            let hashes = blobs.map { ContentHash(sha256Of: $0) }
            for (hash, bytes) in zip(hashes, blobs) { await test.bucket.put("p/\(hash)", bytes) }
            let seed = UInt64.random(in: .min ... .max)
            try await withThrowingTaskGroup { group in
                for worker in 0..<8 {
                    group.addTask {
                        var state = seed &+ UInt64(worker)
                        for _ in 0..<60 {
                            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                            let position = Int(state >> 33) % 12
                            switch Int(state >> 40) % 8 {
                            case 0: try await test.store.store(blobs[position])
                            case 1: try await test.store.copies.remove(hashes[position])
                            default:
                                // A copy that was removed under a reader is missing, never wrong.
                                let read = try? await contents(test.store, hashes[position])
                                #expect(read == nil || read == blobs[position], "seed \(seed)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(await test.store.copies.total <= 5000, "seed \(seed)")
            for (hash, bytes) in zip(hashes, blobs) {
                #expect(try await contents(test.store, hash) == bytes, "seed \(seed)")
            }
        }
    }

    @Test func orderOfUse() {
        var order = UseOrder()
        let hashes = (0..<100).map { ContentHash(sha256Of: [UInt8($0)]) }
        for _ in 0..<50 { for hash in hashes { order.use(hash) } }
        order.use(hashes[0])
        order.forget(hashes[2])
        #expect(order.popOldest() == hashes[1])
        #expect(order.popOldest() == hashes[3])
        for position in 4..<100 { #expect(order.popOldest() == hashes[position]) }
        #expect(order.popOldest() == hashes[0])
        #expect(order.popOldest() == nil)
    }
}
