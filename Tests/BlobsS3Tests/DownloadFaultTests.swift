@testable import BlobsS3
import Domain
import Foundation
import Synchronization
import Testing

@Suite struct DownloadFaultTests {
    private let bytes = noise(300_000)
    private var hash: ContentHash { ContentHash(sha256Of: bytes) }

    @Test func aBodyThatBreaksOffIsContinued() async throws {
        let bytes = bytes
        try await StoreUnderTest.run(intervene: { request, earlier in
            guard request.method == "GET" else { return nil }
            switch earlier {
            case 0: return .truncated(200, promised: bytes.count, Array(bytes[..<100_000]))
            case 1: return .answer(503)
            case 2:
                return .truncated(
                    206, [("content-range", "bytes 100000-299999/300000")], promised: 200_000,
                    Array(bytes[100_000..<150_000]))
            default: return nil
            }
        }) { test async throws in
            await test.bucket.put("p/\(hash)", bytes)
            #expect(try await test.store.bytes(hash) == bytes)
            #expect(
                await test.bucket.requests.map { $0.headers.first(name: "range") }
                    == [nil, "bytes=100000-299999", "bytes=100000-299999", "bytes=150000-299999"])
        }
    }

    @Test func aRangeThatBreaksOffIsContinued() async throws {
        let bytes = bytes
        try await StoreUnderTest.run(intervene: { request, earlier in
            guard earlier == 0 else { return nil }
            return .truncated(
                206, [("content-range", "bytes 10-99/300000")], promised: 90, Array(bytes[10..<30]))
        }) { test async throws in
            await test.bucket.put("p/\(hash)", bytes)
            #expect(try await test.store.bytes(hash, 10..<100) == Array(bytes[10..<100]))
            #expect(await test.bucket.requests.last?.headers.first(name: "range") == "bytes=30-99")
        }
    }

    @Test func aBodyThatNeverGetsAnywhereIsGivenUp() async throws {
        let bytes = bytes
        try await StoreUnderTest.run(
            configure: { $0.idleTimeout = 0.1 },
            intervene: { request, earlier in
                if earlier == 0 { return .truncated(200, promised: bytes.count, Array(bytes[..<10])) }
                return .truncated(206, [("content-range", "bytes 10-299999/300000")], promised: 299_990, [])
            }
        ) { test async throws in
            let error = try await #require(throws: BlobError.self) { try await test.store.bytes(hash) }
            #expect("\(error)".contains("the connection broke"), "\(error)")
            #expect(await test.bucket.log.count == 6)
        }
    }

    @Test func aBodyThatStallsIsContinued() async throws {
        try await StoreUnderTest.run(
            configure: { $0.idleTimeout = 0.1 },
            intervene: { request, earlier in earlier == 0 ? .headOnly : nil }
        ) { test async throws in
            let bytes = noise(1000)
            let hash = ContentHash(sha256Of: bytes)
            await test.bucket.put("p/\(hash)", bytes)
            #expect(try await test.store.bytes(hash) == bytes)
        }
    }

    @Test(arguments: [
        [("content-range", "bytes 0-89/300000")], [("content-range", "bytes 10-109/300000")], [],
    ]) func anotherRangeThanAskedForIsRefused(_ headers: [(String, String)]) async throws {
        try await StoreUnderTest.run(intervene: { request, _ in
            .answer(206, headers, Array(repeating: 1, count: headers.first?.1.contains("109") == true ? 100 : 90))
        }) { test async throws in
            await #expect(throws: BlobError.self) { _ = try await test.store.bytes(hash, 10..<100) }
        }
    }

    /// A store that answers a range with the whole can serve one that begins at its start, and no other.
    @Test func aStoreWithoutRanges() async throws {
        let bytes = bytes
        try await StoreUnderTest.run(intervene: { _, _ in .answer(200, [], bytes) }) { test async throws in
            #expect(try await test.store.bytes(hash, 0..<70_000) == Array(bytes[..<70_000]))
            await #expect(throws: BlobError.self) { _ = try await test.store.bytes(hash, 1..<100) }
        }
    }

    @Test func bytesThatAreNotTheBlobsAreNotCompleted() async throws {
        try await StoreUnderTest.run { test async throws in
            var wrong = bytes
            wrong[299_999] ^= 1
            await test.bucket.put("p/\(hash)", wrong)
            var received = 0
            do {
                for try await piece in try await test.store.read(hash, range: nil) { received += piece.count }
                Issue.record("damage went unnoticed")
            } catch let error as BlobError {
                #expect("\(error)".contains("another hash"))
            }
            #expect(received < bytes.count)
            await #expect(throws: BlobError.self) { try await test.store.withLocalFile(hash) { _ in } }
            #expect(test.folder.files.isEmpty)
            // A failure is not kept either.
            await test.bucket.put("p/\(hash)", bytes)
            let copied = try await test.store.withLocalFile(hash) { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            #expect(Array(copied) == bytes)
        }
    }

    @Test func nothingIsReadAheadOfTheReader() async throws {
        let size = 512 << 20
        try await StoreUnderTest.run(
            configure: { $0.idleTimeout = 600 }, intervene: { _, _ in .zeros(size) }
        ) { test async throws in
            let stream = try await test.store.read(hash, range: nil)
            var reader = stream.makeAsyncIterator()
            var received = 0
            while received < 1 << 20 { received += try #require(try await reader.next()).count }
            // The server goes on until the buffers between it and the reader are full, and no further.
            var sent = -1
            while sent != test.server.zerosSent {
                sent = test.server.zerosSent
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(sent < 64 << 20)
        }
    }

    @Test func missingBlobsAndMissingBucketsDiffer() async throws {
        try await StoreUnderTest.run { test async throws in
            #expect(try await test.store.size(of: hash) == nil)
            await #expect(throws: BlobError.notFound(hash)) { _ = try await test.store.bytes(hash) }
            await #expect(throws: BlobError.notFound(hash)) { _ = try await test.store.bytes(hash, 3..<3) }
            await #expect(throws: BlobError.notFound(hash)) { try await test.store.withLocalFile(hash) { _ in } }
        }
        try await StoreUnderTest.run(intervene: { _, _ in FakeBucket.error(404, "NoSuchBucket") }) {
            test async throws in
            for attempt: @Sendable () async throws -> Void in [
                { _ = try await test.store.size(of: hash) }, { _ = try await test.store.bytes(hash) },
                { _ = try await test.store.all() }, { try await test.store.withLocalFile(hash) { _ in } },
                { try await test.store.check() }, { _ = try await test.store.sweepTemporaries() },
            ] {
                let error = try await #require(throws: BlobError.self) { try await attempt() }
                guard case .unavailable = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
    }

    @Test func aListThatIsGarbledIsAskedForAgain() async throws {
        try await StoreUnderTest.run(intervene: { request, earlier in
            guard request.query.contains("list-type") else { return nil }
            return switch earlier {
            case 0: .answer(200, [], Array("<html>gateway</html>".utf8))
            case 1: .truncated(200, promised: 100, Array("<List".utf8))
            case 2: .answer(200, [], Array(repeating: 32, count: 5 << 20))
            default: nil
            }
        }) { test async throws in
            await test.bucket.put("p/\(hash)", [])
            await test.bucket.put("p/not a blob", [])
            #expect(try await test.store.hashes() == [hash])
            #expect(test.waits.seconds.count == 3)
        }
    }

    @Test func aListThatGoesRoundIsRefused() async throws {
        let page =
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>"
        try await StoreUnderTest.run(intervene: { _, _ in .answer(200, [], Array(page.utf8)) }) { test async throws in
            await #expect(throws: BlobError.self) { _ = try await test.store.hashes() }
            #expect(await test.bucket.log.count == 2)
        }
    }

    @Test func aStoreIsCheckedByWritingNowAndThen() async throws {
        let isReadOnly = Atomic(false)
        try await StoreUnderTest.run(intervene: { request, _ in
            request.method == "PUT" && isReadOnly.load(ordering: .relaxed)
                ? FakeBucket.error(403, "AccessDenied") : nil
        }) { test async throws in
            try await test.store.check()
            try await test.store.check()
            #expect(await test.bucket.log.map { $0.prefix(5) } == ["PUT p", "DELET", "HEAD"])
            #expect(await test.bucket.objects.isEmpty)
            isReadOnly.store(true, ordering: .relaxed)
            test.clock.advance(61)
            await #expect(throws: BlobError.self) { try await test.store.check() }
        }
    }
}
