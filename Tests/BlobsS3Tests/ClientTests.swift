@testable import BlobsS3
import Domain
import Synchronization
import Testing

/// Counts what is in use, and remembers the most.
private final class Usage: Sendable {
    private let state = Mutex((now: 0, most: 0))
    var most: Int { state.withLock { $0.most } }
    func add(_ count: Int) {
        state.withLock {
            $0.now += count
            $0.most = max($0.most, $0.now)
        }
    }
}

@Suite struct ClientTests {
    private func failure(_ kind: S3Failure.Kind, _ code: String = "", retryAfter: Double? = nil) -> S3Failure {
        var failure = S3Failure(kind, "")
        failure.code = code
        failure.retryAfter = retryAfter
        return failure
    }

    @Test func waitsGrowAndSpread() {
        let policy = S3RetryPolicy(attempts: 9, firstDelay: 1, longestDelay: 5, patience: 100)
        for random in [0, 0.25, 0.999] {
            var history = S3RetryPolicy.History()
            let delays = (0..<9).map { _ in
                policy.delay(after: failure(.connectionLost), history: &history, random: random)
            }
            #expect(delays == [1, 2, 4, 5, 5, 5, 5, 5].map { $0 * random } + [nil])
        }
    }

    @Test func patienceEnds() {
        let policy = S3RetryPolicy(attempts: 100, firstDelay: 1, longestDelay: 1, patience: 10)
        var history = S3RetryPolicy.History()
        let busy = failure(.answer(status: 503), retryAfter: 4)
        #expect(policy.delay(after: busy, history: &history, random: 0) == 4)
        #expect(policy.delay(after: busy, history: &history, random: 0) == 4)
        #expect(policy.delay(after: busy, history: &history, random: 0) == nil)
        #expect(policy.delay(after: failure(.timedOut, retryAfter: -5), history: &history, random: 0) == 0)
    }

    @Test func whatMayPassAndWhatNot() {
        for transient in [
            failure(.timedOut), failure(.unreachable), failure(.connectionLost), failure(.malformedAnswer),
            failure(.answer(status: 500)), failure(.answer(status: 503)), failure(.answer(status: 429)),
            failure(.answer(status: 408)), failure(.answer(status: 400), "RequestTimeout"),
            failure(.answer(status: 409), "OperationAborted"),
        ] { #expect(transient.isTransient, "\(transient)") }
        for final in [
            failure(.answer(status: 400)), failure(.answer(status: 403), "AccessDenied"),
            failure(.answer(status: 404), "NoSuchKey"), failure(.answer(status: 412)), failure(.answer(status: 501)),
            failure(.answer(status: 507)), failure(.answer(status: 301)),
        ] { #expect(!final.isTransient, "\(final)") }
    }

    @Test func theBudgetIsNeverExceededAndServesInOrder() async throws {
        let budget = ByteBudget(total: 100)
        let usage = Usage()
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                let count = number % 7 == 0 ? 1000 : 1 + number % 60
                group.addTask {
                    try await budget.withBytes(count) {
                        usage.add(min(count, 100))
                        await Task.yield()
                        usage.add(-min(count, 100))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(usage.most == 100)
        #expect(budget.peak == 100)
    }

    @Test func whoWaitsForMemoryCanBeCancelled() async throws {
        let budget = ByteBudget(total: 10)
        try await budget.withBytes(10) {
            let task = Task { try await budget.withBytes(10) { Issue.record("there was no room") } }
            let behind = Task { try await budget.withBytes(1) { true } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            _ = behind
        }
        // Nothing was lost on the way.
        try await budget.withBytes(10) {}
    }

    @Test func partsCoverTheWhole() async throws {
        try await StoreUnderTest.run { test async throws in
            func ranges(_ size: Int64) -> [Range<Int64>] {
                MultipartUpload(
                    client: test.store.client, budget: test.store.budget, key: "k",
                    blob: StagedBlob(hash: ContentHash(sha256Of: []), sizeBytes: size, path: ""), ifAbsent: true
                ).ranges
            }
            for size: Int64 in [1, 8 << 20, (8 << 20) + 1, 100 << 20, (80 << 30) - 1, (80 << 30) + 1, 5 << 40] {
                let ranges = ranges(size)
                #expect(ranges.first?.lowerBound == 0)
                #expect(ranges.last?.upperBound == size)
                #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
                #expect(ranges.count <= 10_000)
                #expect(ranges.dropLast().allSatisfy { $0.count >= 8 << 20 })
            }
        }
    }

    @Test func regionsComeFromWhereTheyAreNamed() async throws {
        let folder = try TemporaryFolder()
        let config = try folder.write("config", "[default]\nregion = from-file")
        func region(_ url: String, _ environment: [String: String]) async throws -> String {
            try await S3BlobStore.open(
                S3Configuration(
                    location: try S3Location(url), folder: folder.path + "/local", environment: environment),
                clock: TestClock()
            ).client.region
        }
        let named = ["AWS_REGION": "from-environment", "AWS_CONFIG_FILE": config]
        #expect(try await region("s3://bucket?region=from-url", named) == "from-url")
        #expect(try await region("s3://bucket", named) == "from-environment")
        #expect(try await region("s3://bucket", ["AWS_CONFIG_FILE": config]) == "from-file")
        #expect(try await region("s3://bucket?endpoint=http://h", [:]) == "us-east-1")
        await #expect(throws: S3LocationError.self) { _ = try await region("s3://bucket", [:]) }
        await #expect(throws: S3LocationError.self) { _ = try await region("s3://bucket", ["AWS_REGION": "a b"]) }
    }
}
