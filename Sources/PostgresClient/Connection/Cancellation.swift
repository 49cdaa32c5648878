import CPostgres
import Synchronization

/// An attempt to stop a statement: asking the server takes a connection of its own, and may block as long as the network
/// pleases, so a thread of its own does it.
final class Cancellation: Sendable {
    let reason: PostgresError
    /// How long the server may take to answer; then the connection is given up.
    static let patience: Duration = .seconds(2)
    let deadline = ContinuousClock.now + patience
    private let isDelivered = Atomic(false)

    /// `@unchecked Sendable`: handed to one thread, which is the only one to use it and frees it.
    private struct Request: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// - Parameter doorbell: rung when the server has been asked.
    init(of connection: OpaquePointer, because reason: PostgresError, doorbell: Doorbell) {
        self.reason = reason
        guard let pointer = PQgetCancel(connection) else { return }
        let request = Request(pointer: pointer)
        OwnedThread.start { [self] in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
                _ = PQcancel(request.pointer, message.baseAddress, Int32(message.count))
            }
            PQfreeCancel(request.pointer)
            isDelivered.store(true, ordering: .releasing)
            doorbell.ring()
        }
    }

    /// Whether the request has gone out. Until then it could hit a later statement of the same session.
    var hasEnded: Bool { isDelivered.load(ordering: .acquiring) }
}
