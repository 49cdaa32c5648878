import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import Synchronization

/// Connections to a store, closed with their last user.
final class Connections: Sendable {
    let http: HTTPClient

    init(_ configuration: S3Configuration) {
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .milliseconds(Int64(configuration.connectTimeout * 1000))
        settings.timeout.read = .milliseconds(Int64(configuration.idleTimeout * 1000))
        settings.timeout.write = .milliseconds(Int64(configuration.idleTimeout * 1000))
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        // Whether "connection refused" is tried again is the retry policy's business.
        settings.connectionPool.retryConnectionEstablishment = false
        // A signature holds for one host; a bucket that is elsewhere is a mistake in the settings.
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        settings.dnsOverride = configuration.hostAddresses
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    deinit { http.shutdown { _ in } }
}

/// Signs requests of the S3 API, sends them, sends again those that may succeed later, and turns every failure into an
/// `S3Failure`.
struct S3Client: Sendable {
    let configuration: S3Configuration
    let connections: Connections
    let credentials: CredentialsCache
    let address: S3Address
    let region: String
    let clock: StoreClock

    /// A page of a list with a thousand keys of the longest kind.
    private static let largestAnswer = 4 << 20
    private static let largestError = 64 << 10
    /// Seconds to receive a small answer once its head is there.
    private static let bodyTime = 30.0

    /// Sends until there is a 2xx answer, and returns it whole.
    /// - Throws: `S3Failure`, `CredentialsError`, `CancellationError`
    @discardableResult
    func send(_ request: S3Request, policy: S3RetryPolicy? = nil) async throws -> S3Answer {
        try await send(request, policy: policy) { answer in answer }
    }

    /// Sends until there is a 2xx answer that `read` can make something of.
    func send<Value>(
        _ request: S3Request, policy: S3RetryPolicy? = nil, _ read: (S3Answer) throws(S3Failure) -> Value
    ) async throws -> Value {
        try await retrying(request, policy: policy) {
            let response = try await exchange(request)
            let body = try await withDeadline(Self.bodyTime) {
                try await response.body.collect(upTo: Self.largestAnswer)
            }
            return try read(S3Answer(headers: response.headers, body: Array(body.readableBytesView)))
        }
    }

    /// Sends until the head of a 2xx answer is there; its body is still to be read.
    /// - Throws: as `send`
    func open(_ request: S3Request) async throws -> HTTPClientResponse {
        try await retrying(request, policy: nil) { try await exchange(request) }
    }

    /// Runs `attempt` until it succeeds or the policy says that it is enough.
    func retrying<Value>(
        _ request: S3Request, policy: S3RetryPolicy?, _ attempt: () async throws -> Value
    ) async throws -> Value {
        var history = S3RetryPolicy.History()
        while true {
            do {
                return try await attempt()
            } catch {
                var failure = try TransportFailure.failure(for: error)
                failure.request = request.name
                let policy = policy ?? configuration.retry
                guard let delay = policy.delay(after: failure, history: &history, random: configuration.random())
                else { throw failure }
                try await configuration.sleep(delay)
            }
        }
    }

    /// Sends once, and once more where the store's refusal tells of stale credentials or of a wrong clock.
    private func exchange(_ request: S3Request) async throws -> HTTPClientResponse {
        try Task.checkCancellation()
        var credentials = try await self.credentials.current()
        var isSecond = false
        while true {
            let response = try await execute(request, signedWith: credentials)
            guard !(200..<300).contains(response.status.code) else { return response }
            let failure = await failure(from: response)
            guard !isSecond else { throw failure }
            isSecond = true
            if failure.status == 403, let time = failure.serverTime, clock.isOff(from: time) {
                clock.set(to: time)
            } else if failure.mayBeCredentials,
                let others = try? await self.credentials.replacement(for: credentials)
            {
                credentials = others
            } else {
                throw failure
            }
        }
    }

    private func execute(
        _ request: S3Request, signedWith credentials: AWSCredentials
    ) async throws -> HTTPClientResponse {
        let path = address.path(request.key)
        var outgoing = HTTPClientRequest(
            url: address.url(path: path, query: CanonicalRequest.queryText(request.query)))
        outgoing.method = request.method
        let signer = RequestSigner(credentials: credentials, region: region)
        let headers = signer.signedHeaders(
            method: request.method.rawValue, path: path, query: request.query,
            headers: [Field("host", address.host)] + request.headers, payloadHash: request.payloadHash, at: clock.now)
        for header in headers { outgoing.headers.add(name: header.name, value: header.value) }
        outgoing.headers.add(name: "user-agent", value: "imago")
        if request.body.readableBytes > 0 || request.method == .PUT || request.method == .POST {
            outgoing.body = .bytes(request.body)
        }
        let http = connections.http
        return try await withDeadline(configuration.requestTimeout + request.extraTime) { [outgoing] in
            try await http.execute(outgoing, deadline: .distantFuture)
        }
    }

    private func failure(from response: HTTPClientResponse) async -> S3Failure {
        // The status alone is worth telling when the rest of the answer doesn't arrive.
        let body = try? await withDeadline(Self.bodyTime) { try await response.body.collect(upTo: Self.largestError) }
        let answer = body.flatMap { ErrorAnswer(Array($0.readableBytesView)) }
        var failure = S3Failure(.answer(status: Int(response.status.code)), answer?.message ?? "")
        failure.code = answer?.code ?? ""
        failure.requestID =
            answer?.requestID ?? response.headers.first(name: "x-amz-request-id").map(ErrorAnswer.printable)
        failure.serverTime = response.headers.first(name: "date").flatMap(HTTPDate.timestamp)
        failure.retryAfter = response.headers.first(name: "retry-after").flatMap { text in
            Double(text) ?? HTTPDate.timestamp(text).map { $0 - clock.now }
        }.flatMap { $0.isFinite ? $0 : nil }
        let place = answer?.region ?? response.headers.first(name: "x-amz-bucket-region").map(ErrorAnswer.printable)
        if let place, place != region {
            failure.message += "; the bucket is in \(place), so its URL needs region=\(place)"
        }
        return failure
    }
}

/// The time that a store goes by: this machine's, set right when the store refuses it.
final class StoreClock: TimeSource {
    private let own: any TimeSource
    private let offset = Mutex(0.0)

    /// Stores refuse requests that are 15 minutes off; less than this is no reason to believe another clock.
    private static let tolerance = 300.0

    init(_ own: any TimeSource) { self.own = own }

    var now: Double { own.now + offset.withLock { $0 } }

    func isOff(from time: Timestamp) -> Bool { abs(time - now) > Self.tolerance }

    func set(to time: Timestamp) { offset.withLock { $0 = time - own.now } }
}
