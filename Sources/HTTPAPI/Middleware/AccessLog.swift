import HTTPTypes
import Hummingbird
import Logging

/// One line a request, written when its answer is out. Never the query string: signatures are in it.
struct AccessLogEntry: Sendable {
    private let method: HTTPRequest.Method
    private let path: String
    private let route: String
    private let status: HTTPResponse.Status
    private let context: APIContext
    private let start: ContinuousClock.Instant

    init(request: Request, context: APIContext, status: HTTPResponse.Status, start: ContinuousClock.Instant) {
        method = request.method
        path = String(request.uri.path.prefix(200))
        let endpoint = context.endpointPath ?? RouteTable.noRoute
        route = endpoint == RouteTable.noRoute ? "none" : endpoint
        self.status = status
        self.context = context
        self.start = start
    }

    func write(bytes: Int, _ metrics: HTTPMetrics) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        metrics.answered(
            method: method.rawValue, route: route, status: status.code, seconds: seconds, bytes: bytes)
        var metadata: Logger.Metadata = [
            "method": "\(method.rawValue)", "path": "\(path)", "route": "\(route)", "status": "\(status.code)",
            "ms": "\((seconds * 10_000).rounded() / 10)", "bytes": "\(bytes)",
        ]
        if let key = context.record.key { metadata["account"] = "\(key.accountID)" }
        context.logger.info("request", metadata: metadata)
    }
}

extension ResponseBody {
    /// The same body, with its bytes told when all are written or writing has failed.
    func counting(_ done: @escaping @Sendable (Int) -> Void) -> ResponseBody {
        let body = self
        return ResponseBody(contentLength: contentLength) { writer in
            let count = ByteCount()
            do {
                try await body.write(CountingWriter(parent: writer, count: count))
            } catch {
                done(count.value)
                throw error
            }
            done(count.value)
        }
    }
}
