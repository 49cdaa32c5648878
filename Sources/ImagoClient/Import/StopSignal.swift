import Synchronization

/// Asks long work to end soon: no new request is begun, and those under way are awaited.
public final class StopSignal: Sendable {
    private let flag = Atomic(false)

    public init() {}
    public var isSet: Bool { flag.load(ordering: .acquiring) }
    public func set() { flag.store(true, ordering: .releasing) }

    /// Sleeps, in short naps so that a stop is noticed.
    /// - Throws: `CancellationError` when the stop comes first.
    public func sleep(_ seconds: Double) async throws {
        var left = seconds
        while left > 0 {
            if isSet { throw CancellationError() }
            try await Task.sleep(for: .seconds(min(left, 0.2)))
            left -= 0.2
        }
    }
}
