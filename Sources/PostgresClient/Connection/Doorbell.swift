#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Wakes a thread that waits for a socket: a pipe whose reading end is polled beside it.
final class Doorbell: Sendable {
    let descriptor: Int32
    private let button: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file descriptor left for a database connection's doorbell")
        for end in ends {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        descriptor = ends[0]
        button = ends[1]
    }

    deinit {
        close(descriptor)
        close(button)
    }

    /// Rings; several rings before it is answered are one.
    func ring() {
        var byte: UInt8 = 1
        // A full pipe is a bell that rings already.
        _ = write(button, &byte, 1)
    }

    func silence() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) == buffer.count {}
        }
    }

    /// What a wait ended with.
    struct Event {
        var rang = false
        var isReady = false
        var isTimeout: Bool { !rang && !isReady }
    }

    /// Waits for the bell, or for a socket where there is one.
    /// - Parameters:
    ///   - isWriting: whether room for writing counts as ready too.
    ///   - timeout: nil to wait without end.
    func wait(socket: Int32 = -1, isWriting: Bool = false, timeout: Duration?) -> Event {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN) | (isWriting ? Int16(POLLOUT) : 0), revents: 0),
        ]
        let milliseconds = timeout.map { Int32(Swift.min(Swift.max(0, ($0 / .milliseconds(1)).rounded(.up)), 86_400_000)) }
        let count = poll(&descriptors, 2, milliseconds ?? -1)
        guard count > 0 else {
            // An interrupted wait looks like a ring: whoever waits looks around and waits again.
            return Event(rang: count < 0)
        }
        let event = Event(rang: descriptors[0].revents != 0, isReady: descriptors[1].revents != 0)
        if event.rang { silence() }
        return event
    }
}
