/// What a client needs to know: where the server is, who asks, and how patiently.
public struct ClientConfiguration: Sendable {
    public var address: ServerAddress
    /// Sent with each request; nil only for the routes that need none.
    public var apiKey: String?
    public var retry: RetryPolicy
    /// Seconds without a byte from the server after which a request has failed.
    public var readTimeout: Double
    public var connectTimeout: Double
    public var userAgent: String
    /// Waits between tries; throws to give up waiting. Replaced by tests and by whoever can be interrupted.
    public var sleep: @Sendable (_ seconds: Double) async throws -> Void
    /// A number in 0..<1 for each call, which spreads retries.
    public var random: @Sendable () -> Double

    public init(
        address: ServerAddress = .standard, apiKey: String? = nil, retry: RetryPolicy = .interactive,
        readTimeout: Double = 120, connectTimeout: Double = 5, userAgent: String = "imago",
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.address = address
        self.apiKey = apiKey
        self.retry = retry
        self.readTimeout = readTimeout
        self.connectTimeout = connectTimeout
        self.userAgent = userAgent
        self.sleep = sleep
        self.random = random
    }
}
