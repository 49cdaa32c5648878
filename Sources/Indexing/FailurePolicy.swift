import Domain

/// Decides what becomes of a job whose image could not be indexed: another try where the cause may pass, status 3 with
/// a code where it can't.
struct FailurePolicy: Sendable {
    let retryDelay: Double
    let maximumRetryDelay: Double

    func outcome(of error: any Error, job: IndexingJob, now: Timestamp) -> JobOutcome {
        let failure: IndexingFailure
        let mayPass: Bool
        switch error {
        case let error as ImageReadingError:
            failure = IndexingFailure(code: error.code.rawValue, message: error.message)
            mayPass = error.code == .unavailable
        case let error as BlobError:
            if case .notFound = error {
                failure = IndexingFailure(code: "content_missing", message: "the image's bytes are not in the store")
                mayPass = false
            } else {
                failure = IndexingFailure(code: "store_unavailable", message: "the image's bytes could not be read")
                mayPass = true
            }
        default:
            failure = IndexingFailure(code: "model_error", message: "the model could not embed the image")
            mayPass = true
        }
        guard mayPass, job.attempt < job.maximumAttempts else { return .failed(failure) }
        let delay = min(maximumRetryDelay, retryDelay * Double(1 << min(job.attempt - 1, 30)))
        return .retry(at: now + delay, failure)
    }
}
