/// Runs `body` for some seconds at most, however slowly bytes trickle in.
/// - Throws: `S3Failure` of kind `.timedOut`, or what `body` throws.
func withDeadline<Value: Sendable>(
    _ seconds: Double, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            throw S3Failure(.timedOut, "no answer in time")
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}
