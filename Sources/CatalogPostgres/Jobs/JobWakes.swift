import PostgresClient

/// Tells nodes of new jobs, and hears of them: a hint, so the job table is looked at now and then all the same.
///
/// Notifications go out beside the transactions that queue jobs and not within: within, PostgreSQL would let no two of
/// them commit at the same time.
public final class JobWakes: Sendable {
    private static let channel = "imago_jobs"
    private let listener: PostgresListener

    /// - Parameter heard: called when some node queued jobs; it must return soon.
    public init(_ configuration: PostgresConfiguration, heard: @escaping @Sendable () -> Void) {
        listener = PostgresListener(configuration, channels: [Self.channel]) { _ in heard() }
    }

    func post() { listener.post(Self.channel) }

    /// Ends the connection; nothing more is heard.
    public func close() { listener.close() }
}
