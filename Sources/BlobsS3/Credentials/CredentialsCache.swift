import Domain

/// The credentials in use, asked for again before they end. One question at a time, however many wait for it.
actor CredentialsCache {
    private let source: any CredentialsSource
    private let clock: any TimeSource
    private var held: (credentials: AWSCredentials, askedAt: Timestamp)?
    private var question: Task<AWSCredentials, any Error>?
    private var lastFailure: Timestamp?

    /// Seconds before their end that credentials are replaced.
    static let margin = 300.0
    /// Seconds after which credentials without an end are looked up again: a file may have been rewritten.
    static let recheck = 300.0
    /// Seconds for which a place that failed, or gave what a store refuses, is not asked again.
    static let pause = 10.0

    init(source: any CredentialsSource, clock: any TimeSource) {
        self.source = source
        self.clock = clock
    }

    /// - Throws: `CredentialsError`, `CancellationError`
    func current() async throws -> AWSCredentials {
        guard let held else { return try await ask() }
        let now = clock.now
        let due = held.credentials.expiration.map { $0 - Self.margin } ?? held.askedAt + Self.recheck
        guard now >= due else { return held.credentials }
        let isUsable = held.credentials.expiration.map { now < $0 } ?? true
        if isUsable, let lastFailure, now - lastFailure < Self.pause { return held.credentials }
        do {
            return try await ask()
        } catch {
            try Task.checkCancellation()
            guard isUsable else { throw error }
            lastFailure = now
            return held.credentials
        }
    }

    /// Others than those that a store has just refused; nil when there are none.
    func replacement(for refused: AWSCredentials) async throws -> AWSCredentials? {
        if let held {
            guard held.credentials == refused else { return held.credentials }
            guard clock.now - held.askedAt >= Self.pause || isPast(refused) else { return nil }
        }
        let fresh = try await ask()
        return fresh == refused ? nil : fresh
    }

    private func isPast(_ credentials: AWSCredentials) -> Bool {
        credentials.expiration.map { $0 <= clock.now } ?? false
    }

    private func ask() async throws -> AWSCredentials {
        if let question { return try await question.value }
        let question = Task { [source] in
            guard let credentials = try await source.credentials() else {
                throw CredentialsError("there are no credentials for the store")
            }
            return credentials
        }
        self.question = question
        defer { self.question = nil }
        let credentials = try await question.value
        held = (credentials, clock.now)
        return credentials
    }
}
