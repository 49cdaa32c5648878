import Domain
import Foundation

/// Where work waits for the threads that each look after one worker. What somebody waits for comes before what is done
/// in the background. It is bounded by its callers, who wait for what they asked.
///
/// `@unchecked`: everything is guarded by the condition's lock.
final class WorkQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var foreground: [Work] = []
    private var background: [Work] = []
    private var closed = false

    /// False when the queue is closed.
    func push(_ work: Work) -> Bool {
        condition.withLock {
            guard !closed else { return false }
            if work.urgency == .background { background.append(work) } else { foreground.append(work) }
            condition.signal()
            return true
        }
    }

    /// Puts back what was taken and could not be begun.
    func putBack(_ work: Work) {
        condition.withLock {
            if work.urgency == .background { background.insert(work, at: 0) } else { foreground.insert(work, at: 0) }
            condition.signal()
        }
    }

    /// Waits for work. Nil when the queue is closed and nothing is left.
    func next() -> Work? {
        condition.withLock {
            while foreground.isEmpty, background.isEmpty, !closed { condition.wait() }
            if !foreground.isEmpty { return foreground.removeFirst() }
            return background.isEmpty ? nil : background.removeFirst()
        }
    }

    /// Takes all that waits.
    func takeAll() -> [Work] {
        condition.withLock {
            defer { (foreground, background) = ([], []) }
            return foreground + background
        }
    }

    /// Waits so long, or until the queue closes.
    func pause(seconds: Double) {
        condition.withLock {
            let end = Date(timeIntervalSinceNow: seconds)
            while !closed, condition.wait(until: end) {}
        }
    }

    /// Closed, and nothing is left.
    var isFinished: Bool { condition.withLock { closed && foreground.isEmpty && background.isEmpty } }

    /// Nothing comes in any more.
    func close() {
        condition.withLock {
            closed = true
            condition.broadcast()
        }
    }
}
