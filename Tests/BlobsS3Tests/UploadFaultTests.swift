@testable import BlobsS3
import Domain
import Synchronization
import Testing

@Suite struct UploadFaultTests {
    /// Small parts, so that little is much.
    private static func inParts(_ configuration: inout S3Configuration) {
        configuration.largestSingle = 1 << 20
        configuration.partSize = 1 << 20
        configuration.partsAtOnce = 3
    }

    @Test func aBusyStoreIsAskedAgain() async throws {
        try await StoreUnderTest.run(intervene: { request, earlier in
            request.method == "PUT" && earlier < 3
                ? earlier == 2 ? .answer(500) : FakeBucket.error(503, "SlowDown") : nil
        }) { test async throws in
            let hash = try await test.store.store([1, 2, 3])
            #expect(await test.bucket.objects["p/\(hash)"] == [1, 2, 3])
            // Half of 0.1, 0.2 and 0.4.
            #expect(test.waits.seconds == [0.05, 0.1, 0.2])
        }
    }

    @Test func aBusyStoreIsNotAskedForEver() async throws {
        try await StoreUnderTest.run(intervene: { request, _ in
            request.method == "PUT" ? FakeBucket.error(503, "SlowDown") : nil
        }) { test async throws in
            let blob = try await test.store.put([1])
            let error = try await #require(throws: BlobError.self) { try await test.store.publish(blob) }
            #expect("\(error)".contains("PutObject: 503 SlowDown as told (request r1)"), "\(error)")
            #expect(await test.bucket.log.count == 6)
            // The staged file is the caller's until it is published.
            #expect(test.folder.files.count == 1)
            await test.store.discard(blob)
            #expect(test.folder.files.isEmpty)
        }
    }

    @Test func aStoreThatNamesATimeIsBelieved() async throws {
        try await StoreUnderTest.run(intervene: { request, earlier in
            guard request.method == "PUT", earlier < 2 else { return nil }
            let headers =
                earlier == 0
                ? [("retry-after", "7")]
                : [("retry-after", "Mon, 24 Nov 2025 16:00:11 GMT"), ("date", "Mon, 24 Nov 2025 16:00:00 GMT")]
            return FakeBucket.error(503, "SlowDown", headers)
        }) { test async throws in
            try await test.store.store([1])
            #expect(test.waits.seconds == [7.05, 11.1])
        }
        try await StoreUnderTest.run(intervene: { _, _ in .answer(429, [("retry-after", "3600")]) }) {
            test async throws in
            await #expect(throws: BlobError.self) { try await test.store.store([1]) }
            #expect(test.waits.seconds.isEmpty)
        }
    }

    @Test(arguments: ["silence", "halfClose", "truncated", "garbled head"])
    func aConnectionThatBreaksIsReplaced(_ fault: String) async throws {
        try await StoreUnderTest.run(
            configure: { $0.idleTimeout = 0.2 },
            intervene: { request, earlier in
                guard request.method == "PUT", earlier < 2 else { return nil }
                return switch fault {
                case "silence": .silence
                case "halfClose": .halfClose
                case "truncated": .truncated(200, promised: 10, [1])
                default: .answer(200, [("content-length", "nonsense")], [1])
                }
            }
        ) { test async throws in
            let hash = try await test.store.store([1, 2, 3])
            #expect(await test.bucket.objects["p/\(hash)"] == [1, 2, 3])
            #expect(test.waits.seconds.count == 2)
        }
    }

    @Test func aStoreThatStopsReadingIsGivenUp() async throws {
        let heard = Atomic(0)
        try await StoreUnderTest.run(
            configure: { $0.idleTimeout = 0.2 },
            isDeafTo: { $0.method == .PUT && heard.add(1, ordering: .relaxed).oldValue == 0 }
        ) { test async throws in
            // More than the network's buffers take.
            let bytes = noise(12 << 20)
            let hash = try await test.store.store(bytes)
            #expect(await test.bucket.objects["p/\(hash)"] == bytes)
            #expect(test.waits.seconds.count == 1)
        }
    }

    @Test func noStoreAtAll() async throws {
        let folder = try TemporaryFolder()
        let port = try await ScriptedServer.run({ _ in .silence }) { $0.port }
        var configuration = S3Configuration(
            location: try S3Location("s3://bucket?endpoint=http://127.0.0.1:\(port)"), folder: folder.path,
            environment: [:])
        configuration.credentials = AWSCredentials(accessKeyID: "a", secretAccessKey: "b")
        configuration.sleep = { _ in }
        let store = try await S3BlobStore.open(configuration, clock: TestClock())
        for attempt: @Sendable () async throws -> Void in [
            { try await store.check() }, { _ = try await store.all() },
            { _ = try await store.size(of: .init(sha256Of: [])) },
        ] {
            let error = try await #require(throws: BlobError.self) { try await attempt() }
            #expect("\(error)".contains("no connection to the store"), "\(error)")
        }
    }

    @Test func damageOnTheWayIsRepaired() async throws {
        try await StoreUnderTest.run(intervene: { request, earlier in
            request.method == "PUT" && earlier == 0 ? FakeBucket.error(400, "BadDigest") : nil
        }) { test async throws in
            let hash = try await test.store.store([1])
            #expect(await test.bucket.objects["p/\(hash)"] == [1])
        }
    }

    @Test func aRefusalIsFinal() async throws {
        try await StoreUnderTest.run(intervene: { request, _ in
            request.method == "PUT" ? FakeBucket.error(403, "AccessDenied", more: "<Region>eu-x</Region>") : nil
        }) { test async throws in
            let error = try await #require(throws: BlobError.self) { try await test.store.store([1]) }
            #expect("\(error)".contains("403 AccessDenied"))
            #expect("\(error)".contains("needs region=eu-x"))
            #expect(await test.bucket.log.count == 1)
        }
    }

    @Test func aFullStoreSaysSo() async throws {
        try await StoreUnderTest.run(intervene: { _, _ in FakeBucket.error(507, "XMinioStorageFull") }) {
            test async throws in
            await #expect(throws: BlobError.storeFull) { try await test.store.store([1]) }
            #expect(await test.bucket.log.count == 1)
        }
    }

    @Test func largeBlobsGoInParts() async throws {
        try await StoreUnderTest.run(configure: Self.inParts) { test async throws in
            let bytes = noise((5 << 20) + 17)
            let hash = try await test.store.store(bytes)
            #expect(await test.bucket.objects["p/\(hash)"] == bytes)
            #expect(await test.bucket.uploads.isEmpty)
            let log = await test.bucket.log
            #expect(log.count { $0.hasPrefix("PUT") } == 6)
            // Equal bytes are not sent again.
            try await test.store.store(bytes)
            #expect(await test.bucket.log.count == log.count + 1)
        }
    }

    @Test func partsAreTriedAgainOnTheirOwn() async throws {
        try await StoreUnderTest.run(
            configure: Self.inParts,
            intervene: { request, earlier in
                if request.method == "PUT", earlier == 1 || earlier == 4 { return .answer(503) }
                if request.method == "POST", earlier == 1 {
                    // A failure in a 200 answer.
                    return FakeBucket.error(200, "InternalError")
                }
                return nil
            }
        ) { test async throws in
            let bytes = noise(5 << 20)
            let hash = try await test.store.store(bytes)
            #expect(await test.bucket.objects["p/\(hash)"] == bytes)
            #expect(await test.bucket.log.count { $0.hasPrefix("PUT") } == 7)
            #expect(await test.bucket.uploads.isEmpty)
        }
    }

    @Test(arguments: ["part", "joining"]) func anUploadInPartsThatFailsIsDropped(_ what: String) async throws {
        try await StoreUnderTest.run(
            configure: Self.inParts,
            intervene: { request, earlier in
                if what == "part", request.query.contains("partNumber=3&") { return .answer(403) }
                if what == "joining", request.method == "POST", earlier > 0 {
                    return FakeBucket.error(200, "InternalError")
                }
                return nil
            }
        ) { test async throws in
            let blob = try await test.store.put(noise(5 << 20))
            await #expect(throws: BlobError.self) { try await test.store.publish(blob) }
            #expect(await test.bucket.objects.isEmpty)
            #expect(await test.bucket.uploads.isEmpty)
            #expect(await test.bucket.log.last == "DELETE p/\(blob.hash) uploadId=u1")
        }
    }

    @Test func aCancelledUploadIsDropped() async throws {
        let (arrived, arrival) = AsyncStream.makeStream(of: Void.self)
        try await StoreUnderTest.run(
            configure: Self.inParts,
            intervene: { request, _ in
                guard request.query.contains("partNumber=2&") else { return nil }
                arrival.yield()
                return .silence
            }
        ) { test async throws in
            let blob = try await test.store.put(noise(3 << 20))
            let task = Task { [store = test.store] in try await store.publish(blob) }
            for await _ in arrived { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await test.bucket.uploads.isEmpty)
            #expect(await test.bucket.log.last == "DELETE p/\(blob.hash) uploadId=u1")
        }
    }

    @Test func anUploadWhoseLastAnswerIsLostCounts() async throws {
        let bytes = noise(2 << 20)
        try await StoreUnderTest.run(
            configure: {
                Self.inParts(&$0)
                $0.asksFirst = .max
            },
            intervene: { request, earlier in
                // The first joins the parts, and its answer goes astray; for the second there is nothing to join.
                request.method == "POST" && earlier == 1 ? .halfClose : nil
            }
        ) { test async throws in
            let blob = try await test.store.put(bytes)
            await test.bucket.put("p/\(blob.hash)", bytes)
            try await test.store.publish(blob)
            #expect(await test.bucket.uploads.isEmpty)
        }
    }

    @Test func whatIsThereIsLeftAlone() async throws {
        try await StoreUnderTest.run { test async throws in
            let hash = ContentHash(sha256Of: [1, 2, 3])
            await test.bucket.put("p/\(hash)", [7, 7, 7])
            try await test.store.store([1, 2, 3])
            // The fake's bytes tell that nothing was written over them.
            #expect(await test.bucket.objects["p/\(hash)"] == [7, 7, 7])
        }
    }

    @Test func whatCanNotBeTheBlobIsReplaced() async throws {
        try await StoreUnderTest.run { test async throws in
            let hash = ContentHash(sha256Of: [1, 2, 3])
            await test.bucket.put("p/\(hash)", [7])
            try await test.store.store([1, 2, 3])
            #expect(await test.bucket.objects["p/\(hash)"] == [1, 2, 3])
        }
    }

    @Test func aStoreWithoutConditionalWritesWillDo() async throws {
        try await StoreUnderTest.run(intervene: { request, _ in
            request.headers.contains(name: "if-none-match") ? FakeBucket.error(501, "NotImplemented") : nil
        }) { test async throws in
            try await test.store.store([1])
            try await test.store.store([2])
            #expect(await test.bucket.objects.count == 2)
            #expect(await test.bucket.log.count == 3)
        }
    }

    @Test func writersThatMeetBothSucceed() async throws {
        try await StoreUnderTest.run(intervene: { request, earlier in
            request.method == "PUT" && earlier == 0 ? FakeBucket.error(409, "ConditionalRequestConflict") : nil
        }) { test async throws in
            try await test.store.store([1])
            #expect(await test.bucket.objects.count == 1)
        }
    }

    /// However many uploads there are, the parts that are in memory stay within the bound.
    @Test func memoryIsBounded() async throws {
        try await StoreUnderTest.run(configure: {
            Self.inParts(&$0)
            $0.transferMemory = 4 << 20
        }) { test async throws in
            var blobs: [StagedBlob] = []
            for seed in 1...8 { blobs.append(try await test.store.put(noise(5 << 20, UInt64(seed)))) }
            try await withThrowingTaskGroup { group in
                for blob in blobs { group.addTask { try await test.store.publish(blob) } }
                try await group.waitForAll()
            }
            #expect(await test.bucket.objects.count == 8)
            #expect(test.store.budget.peak == 4 << 20)
        }
    }
}
