import Domain
import HTTPTypes
import Hummingbird
import Logging

/// Around every request: gives it an id, turns whatever is thrown into an answer, writes the access log and counts.
struct RequestScope: RouterMiddleware {
    let identifiers: IdentifierGenerator
    let routes: RouteTable
    let metrics: HTTPMetrics

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let requestID = Self.sane(request.headers[.requestID]) ?? identifiers.next(RequestScope.self).description
        var context = context
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request-id"] = "\(requestID)"
        context.record.requestID = requestID

        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = answer(to: error, request, context)
        }
        for field in context.record.rateLimit where response.headers[field.name] == nil {
            response.headers[field.name] = field.value
        }
        response.headers[.requestID] = requestID
        response.headers[.contentTypeOptions] = "nosniff"
        if request.method == .head { response = response.createHeadResponse() }

        let entry = AccessLogEntry(request: request, context: context, status: response.status, start: start)
        if context.record.answersInPieces, request.method != .head {
            response.body = response.body.counting { bytes in entry.write(bytes: bytes, metrics) }
        } else {
            entry.write(bytes: request.method == .head ? 0 : response.body.contentLength ?? 0, metrics)
        }
        return response
    }

    private func answer(to error: any Error, _ request: Request, _ context: APIContext) -> Response {
        var mapped = APIError(mapping: error)
        if context.endpointPath == RouteTable.noRoute, mapped.status == .notFound {
            let allowed = routes.methods(at: request.uri.path)
            if !allowed.isEmpty { mapped = Self.methodNotAllowed(request.method, allowed) }
        }
        if mapped.status.code >= 500 {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
        } else {
            context.logger.debug("request refused", metadata: ["code": "\(mapped.code)", "error": "\(error)"])
        }
        return Response(
            json: mapped.json(requestID: context.record.requestID), status: mapped.status, headers: mapped.headers)
    }

    private static func methodNotAllowed(_ method: HTTPRequest.Method, _ allowed: [String]) -> APIError {
        let list = allowed.joined(separator: ", ")
        var error = APIError(
            .methodNotAllowed, .validation, code: "method_not_allowed", "this route takes \(list)")
        error.headers[.allow] = list
        return error
    }

    /// The client's own id, when it can do no harm in a header or a log.
    private static func sane(_ id: String?) -> String? {
        guard let id, (1...128).contains(id.utf8.count) else { return nil }
        let isSane = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isSane ? id : nil
    }
}
