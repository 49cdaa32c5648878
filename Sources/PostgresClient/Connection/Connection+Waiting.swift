import CPostgres

extension Connection {
    /// Waits until the socket is ready. When the time is up or the work is no longer wanted, asks the server to stop;
    /// a server that then does not answer in time loses the connection.
    func wait(isWriting: Bool, until deadline: ContinuousClock.Instant) throws(PostgresError) {
        let end = cancellation?.deadline ?? deadline
        let event = doorbell.wait(socket: socket, isWriting: isWriting, timeout: end - .now)
        if event.rang, cancellation == nil, isUnwanted() {
            beginCancellation(PostgresError(.cancelled, "no longer wanted"))
        }
        guard event.isTimeout else { return }
        guard cancellation == nil else { throw lost("the server did not stop a statement in time") }
        beginCancellation(PostgresError(.timedOut, "a statement took too long"))
    }

    private func beginCancellation(_ reason: PostgresError) {
        guard let handle else { return }
        cancellation = Cancellation(of: handle, because: reason, doorbell: doorbell)
    }

    /// Sends all that is buffered, taking in answers meanwhile: neither side may wait for the other to read.
    func flush(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        while true {
            guard let handle else { throw lost("closed") }
            switch PQflush(handle) {
            case 0: return
            case 1:
                try wait(isWriting: true, until: deadline)
                guard PQconsumeInput(handle) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    /// The next result, or nil where libpq marks the end of a statement's results.
    func nextResult(until deadline: ContinuousClock.Instant) throws(PostgresError) -> OpaquePointer? {
        guard let handle else { throw lost("closed") }
        while PQisBusy(handle) == 1 {
            try wait(isWriting: false, until: deadline)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    /// After a statement that was to be stopped: waits until the request can't hit another statement, or closes.
    func settleCancellation() {
        guard let cancellation else { return }
        while isOpen, !cancellation.hasEnded {
            let left = cancellation.deadline - .now
            if left <= .zero { close() } else { _ = doorbell.wait(timeout: left) }
        }
        self.cancellation = nil
    }

    /// Closes the connection and says why.
    func lost(_ detail: String? = nil) -> PostgresError {
        let words = detail ?? Self.oneLine(handle.flatMap { PQerrorMessage($0) }.map { UnsafePointer($0) })
        let reason = cancellation?.reason.kind
        close()
        return PostgresError(reason ?? .connectionLost, words)
    }
}
