import Domain
import Synchronization

/// What uploads and the indexing pipeline tell each other: "there is work", and how much of it waits.
public final class IndexingBacklog: Sendable {
    /// Uploads are refused for a while when more jobs than this wait.
    public let highWaterMark: Int
    /// Yields when work may be waiting; signals that nobody took collapse into one.
    public let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let latest = Mutex(JobCounts(queued: 0, running: 0, oldestDueAt: nil))

    public init(highWaterMark: Int) {
        self.highWaterMark = highWaterMark
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Tells the pipeline that jobs were queued.
    public func wake() { continuation.yield() }

    /// Counts jobs that were just queued, until the pipeline counts anew, and tells it of them.
    public func queued(_ count: Int) {
        guard count > 0 else { return }
        latest.withLock {
            $0 = JobCounts(queued: $0.queued + count, running: $0.running, oldestDueAt: $0.oldestDueAt)
        }
        wake()
    }

    /// The pipeline's latest count.
    public var counts: JobCounts {
        get { latest.withLock { $0 } }
        set { latest.withLock { $0 = newValue } }
    }

    public var isPastHighWaterMark: Bool { counts.queued >= highWaterMark }
}
