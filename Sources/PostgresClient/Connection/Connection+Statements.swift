import CPostgres

extension Connection {
    /// Runs statements in one exchange with the server. Outside a transaction they are one: all or nothing.
    /// - Returns: one answer for each.
    func run(
        _ batch: [PostgresStatement], until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> [PostgresRows] {
        guard let handle, PQenterPipelineMode(handle) == 1 else { throw lost() }
        var answers: [PostgresRows] = []
        var failure: PostgresError?
        defer { settleCancellation() }
        let steps = try send(batch, to: handle)
        try flush(until: deadline)
        for step in steps {
            while let result = try nextResult(until: deadline) {
                let rows = PostgresRows(result)
                switch rows.status {
                case PGRES_TUPLES_OK, PGRES_COMMAND_OK: note(step, rows, in: &answers)
                case PGRES_PIPELINE_ABORTED: break
                default: failure = failure ?? error(of: rows)
                }
            }
            // A broken connection yields its error and then no more results.
            guard PQstatus(handle) == CONNECTION_OK else { throw lost(failure?.detail) }
        }
        try endPipeline(handle, until: deadline)
        if let failure { throw failure }
        return answers
    }

    private enum Step {
        case prepare(sql: String, name: String)
        case execute
        /// Dropping a statement that gave way.
        case aside(name: String)
    }

    private func send(_ batch: [PostgresStatement], to handle: OpaquePointer) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        var fresh: [String: String] = [:]
        for statement in batch {
            guard statement.isKept else {
                guard statement.send(to: handle, name: nil) else { throw lost() }
                steps.append(.execute)
                continue
            }
            var name = statements.name(of: statement.sql) ?? fresh[statement.sql]
            if name == nil {
                let new = statements.newName()
                guard statement.prepare(on: handle, name: new) else { throw lost() }
                steps.append(.prepare(sql: statement.sql, name: new))
                fresh[statement.sql] = new
                name = new
            }
            guard statement.send(to: handle, name: name) else { throw lost() }
            steps.append(.execute)
        }
        for name in statements.outdated {
            guard PostgresStatement("DEALLOCATE \(name)").send(to: handle, name: nil) else { throw lost() }
            steps.append(.aside(name: name))
        }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        return steps
    }

    private func note(_ step: Step, _ rows: PostgresRows, in answers: inout [PostgresRows]) {
        switch step {
        case .prepare(let sql, let name): statements.insert(sql, name: name)
        case .execute: answers.append(rows)
        case .aside(let name): statements.forget(name)
        }
    }

    private func endPipeline(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant) throws(PostgresError) {
        guard let end = try nextResult(until: deadline) else { throw lost("the server broke off") }
        defer { PQclear(end) }
        guard PQresultStatus(end) == PGRES_PIPELINE_SYNC, PQexitPipelineMode(handle) == 1 else { throw lost() }
    }

    /// Runs statements of ours, as text, in the simple protocol.
    func run(script: String, until deadline: ContinuousClock.Instant = .now + .seconds(10)) throws(PostgresError) {
        guard let handle, PQsendQuery(handle, script) == 1 else { throw lost() }
        defer { settleCancellation() }
        var failure: PostgresError?
        try flush(until: deadline)
        while let result = try nextResult(until: deadline) {
            let rows = PostgresRows(result)
            switch rows.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default: failure = failure ?? error(of: rows)
            }
        }
        guard PQstatus(handle) == CONNECTION_OK else { throw lost(failure?.detail) }
        if let failure { throw failure }
    }

    private func error(of rows: PostgresRows) -> PostgresError {
        guard let state = rows.state else { return PostgresError(.connectionLost, rows.refusal) }
        if state == .queryCancelled {
            return cancellation?.reason ?? PostgresError(.timedOut, "the server's statement_timeout was up")
        }
        return PostgresError(.server(state), rows.refusal)
    }
}
