import Domain
import Testing

@testable import Indexing

@Suite struct FailurePolicyTests {
    private func job(_ attempt: Int, of maximum: Int = 40) -> IndexingJob {
        let uuid = UUIDValue(high: 7, low: 7)
        return IndexingJob(
            id: 1, imageID: ImageID(uuid), row: 1, accountID: AccountID(uuid),
            contentHash: ContentHash(bytes: [UInt8](repeating: 1, count: 32))!, model: ModelID(rawValue: "m"),
            attempt: attempt, maximumAttempts: maximum, token: uuid)
    }

    private struct Unknown: Error {}

    @Test func delaysDoubleUpToALimit() {
        let policy = FailurePolicy(retryDelay: 2, maximumRetryDelay: 300)
        let delays = (1...12).map { attempt -> Double in
            guard case .retry(let time, _) = policy.outcome(of: Unknown(), job: job(attempt), now: 1000) else {
                return -1
            }
            return time - 1000
        }
        #expect(delays == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300])
        guard case .retry(let time, _) = policy.outcome(of: Unknown(), job: job(39), now: 0) else {
            Issue.record("no retry")
            return
        }
        #expect(time == 300)
    }

    @Test func theLastTryIsTheLast() {
        let policy = FailurePolicy(retryDelay: 2, maximumRetryDelay: 300)
        guard case .failed(let failure) = policy.outcome(of: Unknown(), job: job(3, of: 3), now: 0) else {
            Issue.record("it is tried again")
            return
        }
        #expect(failure.code == "model_error")
    }

    @Test func whatTheImageIsToBlameForIsNeverTriedAgain() {
        let policy = FailurePolicy(retryDelay: 2, maximumRetryDelay: 300)
        let hash = job(1).contentHash
        for (error, code, isFinal) in [
            (ImageReadingError(code: .corrupt, message: "m", detail: "secret"), "corrupt_image", true),
            (ImageReadingError(code: .unsupported, message: "m"), "unsupported_image", true),
            (ImageReadingError(code: .tooLarge, message: "m"), "image_too_large", true),
            (ImageReadingError(code: .unavailable, message: "m"), "image_unavailable", false),
            (BlobError.notFound(hash), "content_missing", true), (BlobError.storeFull, "store_unavailable", false),
            (BlobError.unavailable("secret"), "store_unavailable", false), (Unknown(), "model_error", false),
        ] as [(any Error, String, Bool)] {
            switch policy.outcome(of: error, job: job(1), now: 0) {
            case .failed(let failure): #expect(failure.code == code && isFinal && !failure.message.contains("secret"))
            case .retry(_, let failure):
                #expect(failure.code == code && !isFinal && !failure.message.contains("secret"))
            case .indexed: Issue.record("\(error) is no success")
            }
        }
    }
}
