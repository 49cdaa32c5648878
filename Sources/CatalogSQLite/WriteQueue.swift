import Domain
import GRDB
import Synchronization

/// Lets writes that overlap share one commit, and so one sync of the device (group commit).
///
/// While a commit is under way, the writes that arrive wait and go into the next one together. Each runs in a
/// savepoint of its own: one that throws is undone alone. No call returns before the commit that holds it is durable.
final class WriteQueue: Sendable {
    private struct Write: Sendable {
        /// Runs the body and keeps its value; what it throws undoes this write alone.
        let run: @Sendable (Database) throws -> Void
        /// Ends the caller's wait: with the kept value, or with the error where there is one.
        let settle: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        var isDraining = false
    }

    /// Bounds how long a write can wait for those before it in the same commit.
    private static let maximumBatch = 256

    private let pool: DatabasePool
    private let state = Mutex(State())

    init(pool: DatabasePool) { self.pool = pool }

    /// Runs a write. Cancelling the caller's task does not take back a write that is in the queue.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let kept = Kept<Value>()
            enqueue(
                Write(
                    run: { database in
                        kept.value.withLock { $0 = nil }; let value = try body(database);
                        kept.value.withLock { $0 = value }
                    },
                    settle: { error in
                        switch (error, kept.value.withLock { $0 }) {
                        case (nil, let value?): continuation.resume(returning: value)
                        case (let error?, _): continuation.resume(throwing: CatalogError(any: error))
                        case (nil, nil): continuation.resume(throwing: CatalogError.unavailable("a write was skipped"))
                        }
                    }))
        }
    }

    private final class Kept<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private func enqueue(_ write: Write) {
        let mustStart = state.withLock { state in
            state.waiting.append(write)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { Task.detached { await self.drain() } }
    }

    private func nextBatch() -> [Write]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Self.maximumBatch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func drain() async {
        while let batch = nextBatch() {
            do {
                let errors = try await pool.writeWithoutTransaction { database in
                    try Self.commit(batch, in: database)
                }
                for (write, error) in zip(batch, errors) { write.settle(error) }
            } catch {
                for write in batch { write.settle(error) }
            }
        }
    }

    /// Runs the writes in one transaction.
    /// - Returns: for each write what it threw, nil where it is committed.
    private static func commit(_ batch: [Write], in database: Database) throws -> [(any Error)?] {
        try database.execute(sql: "BEGIN IMMEDIATE")
        do {
            var errors: [(any Error)?] = []
            for write in batch {
                try database.execute(sql: "SAVEPOINT write_of_one_caller")
                do {
                    try write.run(database)
                    errors.append(nil)
                } catch {
                    // A full or failing device makes SQLite roll the whole transaction back: then all of them failed.
                    guard database.isInsideTransaction else { throw error }
                    try database.execute(sql: "ROLLBACK TO SAVEPOINT write_of_one_caller")
                    errors.append(error)
                }
                try database.execute(sql: "RELEASE SAVEPOINT write_of_one_caller")
            }
            try database.execute(sql: "COMMIT")
            return errors
        } catch {
            if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
            throw error
        }
    }
}
