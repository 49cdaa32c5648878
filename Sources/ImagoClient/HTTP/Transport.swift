import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Sends requests, tries again what may succeed later, and turns every failure into a `ClientError`.
struct Transport: Sendable {
    let http: HTTPClient
    var configuration: ClientConfiguration

    /// Answers are JSON of at most a thousand images; anything larger is no answer of the API.
    private static let largestAnswer = 256 << 20
    private static let largestError = 1 << 20

    /// Sends until there is a 2xx answer, and returns it whole.
    /// - Parameter retried: told each failure that is tried again, and the seconds until then.
    /// - Throws: `ClientError`, or `CancellationError`.
    func send(
        _ request: Request, retried: (ClientError, Double) -> Void = { _, _ in }
    ) async throws -> Answer {
        try await retrying(retried) {
            let response = try await open(request)
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return Answer(body: Array(body.readableBytesView), headers: response.headers)
        }
    }

    /// Runs `attempt` until it succeeds or the policy says that it is enough.
    func retrying<Value>(
        _ retried: (ClientError, Double) -> Void = { _, _ in }, _ attempt: () async throws -> Value
    ) async throws -> Value {
        var history = RetryPolicy.History()
        while true {
            do {
                return try await attempt()
            } catch {
                let error = try TransportFailure.clientError(for: error, address: configuration.address)
                guard
                    let delay = configuration.retry.delay(
                        after: error, history: &history, random: configuration.random())
                else { throw error }
                retried(error, delay)
                try await configuration.sleep(delay)
            }
        }
    }

    /// Sends once and returns when the head of a 2xx answer is there; its body is still to be read.
    func open(_ request: Request) async throws -> HTTPClientResponse {
        try Task.checkCancellation()
        var outgoing = HTTPClientRequest(url: configuration.address.url(request.path, query: request.query))
        outgoing.method = request.method
        outgoing.headers.add(name: "user-agent", value: configuration.userAgent)
        outgoing.headers.add(name: "accept", value: "application/json")
        if let key = configuration.apiKey { outgoing.headers.add(name: "x-api-key", value: key) }
        for (name, value) in request.headers { outgoing.headers.replaceOrAdd(name: name, value: value) }
        switch request.body {
        case .none: break
        case .json(let value):
            outgoing.headers.add(name: "content-type", value: "application/json")
            outgoing.body = .bytes(value.jsonBytes)
        case .multipart(let form):
            outgoing.headers.add(name: "content-type", value: form.contentType)
            outgoing.body = .stream(form, length: .known(form.length))
        }
        let response = try await http.execute(outgoing, deadline: .distantFuture)
        guard (200..<300).contains(response.status.code) else { throw try await error(from: response) }
        return response
    }

    private func error(from response: HTTPClientResponse) async throws -> ClientError {
        // The status alone is worth telling when the rest of the answer doesn't arrive.
        let body = try? await response.body.collect(upTo: Self.largestError)
        return ClientError(
            status: Int(response.status.code), body: body.map { Array($0.readableBytesView) } ?? [],
            requestID: response.headers.first(name: "x-request-id"),
            retryAfter: response.headers.first(name: "retry-after").flatMap(Double.init))
    }
}
