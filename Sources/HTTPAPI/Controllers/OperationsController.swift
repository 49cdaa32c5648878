import Domain
import HTTPTypes
import Hummingbird
import Library

/// For whoever runs the server: is it up, can it work, what has it done.
struct OperationsController: Sendable {
    let services: HTTPAPIServices

    /// The process answers.
    func health(_ request: Request, context: APIContext) -> Response { Response(json: ["status": "ok"]) }

    /// Stores can be reached and the model is loaded.
    func readiness(_ request: Request, context: APIContext) async throws -> Response {
        do {
            try await services.library.checkStores()
            try await services.readiness()
        } catch {
            context.logger.warning("not ready", metadata: ["error": "\(error)"])
            throw APIError.unavailable("the server is not ready", code: "not_ready")
        }
        return Response(json: ["status": "ready"])
    }

    /// Prometheus' text format.
    func metrics(_ request: Request, context: APIContext) async throws -> Response {
        let counts = try await services.library.imageCounts()
        let text = services.metrics.text(
            images: counts, searchable: services.library.searchableCount, backlog: services.library.backlogCounts,
            now: services.clock.now)
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
