import CPostgres
import Synchronization

/// Hears notifications (`LISTEN`) on a connection of its own, and sends them.
///
/// A notification is a hint that something may have changed: those of a broken connection are lost, so whoever listens is
/// told to look after each new connection, and should look now and then all the same.
public final class PostgresListener: Sendable {
    private let core: ListenerCore

    /// - Parameters:
    ///   - channels: names of ours: lower-case letters and underscores.
    ///   - heard: called with a channel's name, on the listener's thread; it must return soon.
    public init(
        _ configuration: PostgresConfiguration, channels: [String], heard: @escaping @Sendable (String) -> Void
    ) {
        precondition(channels.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
        let core = ListenerCore(configuration, channels: channels, heard: heard)
        self.core = core
        OwnedThread.start { core.run() }
    }

    deinit { core.close() }

    /// Notifies a channel soon. Notifications that follow each other closely become one.
    public func post(_ channel: String) { core.post(channel) }

    /// Ends the connection; nothing more is heard.
    public func close() { core.close() }
}

private final class ListenerCore: Sendable {
    private struct State {
        var toPost: Set<String> = []
        var isClosed = false
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let heard: @Sendable (String) -> Void
    private let doorbell = Doorbell()
    private let state = Mutex(State())

    /// The least time between two posts, in milliseconds.
    private static let spacing: Int32 = 5

    init(_ configuration: PostgresConfiguration, channels: [String], heard: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.channels = channels
        self.heard = heard
    }

    func post(_ channel: String) {
        let isNew = state.withLock { $0.toPost.insert(channel).inserted }
        if isNew { doorbell.ring() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        doorbell.ring()
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    func run() {
        let connection = Connection(configuration, doorbell: doorbell)
        var backoff = Backoff(first: 0.1, limit: 5)
        while !isClosed {
            do {
                try connection.open()
                try connection.run(script: channels.map { "LISTEN \($0);" }.joined())
                backoff = Backoff(first: 0.1, limit: 5)
                for channel in channels { heard(channel) }
                while connection.isOpen, !isClosed { try listen(connection) }
            } catch {
                connection.close()
            }
            if !isClosed { _ = doorbell.wait(timeout: backoff.next()) }
        }
    }

    private func listen(_ connection: Connection) throws(PostgresError) {
        let event = doorbell.wait(socket: connection.socket, timeout: nil)
        if event.isReady { connection.takeIn() }
        deliver(connection)
        let channels = state.withLock { state in
            defer { state.toPost = [] }
            return state.toPost
        }
        guard connection.isOpen, !channels.isEmpty else { return }
        let posts = channels.map { PostgresStatement("SELECT pg_notify($1, '')", [.text($0)]) }
        _ = try connection.run(posts, until: .now + .seconds(configuration.statementTimeout))
        deliver(connection)
        OwnedThread.sleep(milliseconds: Self.spacing)
    }

    /// Passes on what has arrived, each channel once.
    private func deliver(_ connection: Connection) {
        guard let handle = connection.handle else { return }
        var names: Set<String> = []
        while let notification = PQnotifies(handle) {
            names.insert(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        for name in names { heard(name) }
    }
}
