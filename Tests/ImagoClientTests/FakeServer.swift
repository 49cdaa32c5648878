import Domain
import Hummingbird
import HummingbirdTesting
import ImagoClient
import Logging

/// A server on the loopback interface that keeps the contract as far as a client can tell, and fails on demand.
struct FakeServer: Sendable {
    static let key = "imago_good"
    let store: FakeStore
    let address: ServerAddress

    static func run<Value: Sendable>(
        _ store: FakeStore = FakeStore(), _ body: @Sendable (FakeServer) async throws -> Value
    ) async throws -> Value {
        let router = Router()
        router.middlewares.add(Faults(store: store))
        router.addRoutes(of: store)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: { var logger = Logger(label: "fake"); logger.logLevel = .critical; return logger }())
        return try await application.test(.live) { client in
            let port = client.port ?? 0
            return try await body(
                FakeServer(store: store, address: try ServerAddress("http://127.0.0.1:\(port)")))
        }
    }

    /// Runs `body` with a client that does not wait between tries.
    func client<Value>(
        key: String? = FakeServer.key, retry: RetryPolicy = .interactive, slept: Sleeps = Sleeps(),
        _ body: (ImagoClient) async throws -> Value
    ) async throws -> Value {
        let configuration = ClientConfiguration(
            address: address, apiKey: key, retry: retry, readTimeout: 20,
            sleep: { await slept.note($0); await Task.yield() }, random: { 0 })
        return try await ImagoClient.with(configuration, body)
    }
}

/// The seconds a client would have waited.
actor Sleeps {
    private(set) var seconds: [Double] = []
    func note(_ time: Double) { seconds.append(time) }
}

private struct CutConnection: Error {}

extension Response {
    fileprivate init(_ json: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json"
        self.init(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json.jsonBytes)))
    }

    fileprivate init(status: Int, code: String, message: String, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.init("x-request-id")!] = "req-1"
        self.init(
            ["error": ["code": .string(code), "message": .string(message), "request_id": "req-1"]],
            status: .init(code: status), headers: headers)
    }

    /// Promises more than it sends.
    fileprivate static var cut: Response {
        Response(
            status: .ok, headers: [:],
            body: .init(contentLength: 1000) { writer in
                try await writer.write(ByteBuffer(string: #"{"results":["#))
                throw CutConnection()
            })
    }
}

private struct Faults: RouterMiddleware {
    let store: FakeStore

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let fault = await store.fault(of: "\(request.method.rawValue) \(request.uri.description)")
        if case .early(let status)? = fault {
            return Response(status: status, code: "fault", message: "injected", headers: [.connection: "close"])
        }
        // Read before anything else, as a server does that wants to keep the connection.
        var request = request
        let body = try await request.collectBody(upTo: 64 << 20)
        request.body = .init(buffer: body)
        switch fault {
        case .answer(let status, let retryAfter)?:
            var headers = HTTPFields()
            if let retryAfter { headers[.retryAfter] = String(retryAfter) }
            return Response(status: status, code: "fault", message: "injected", headers: headers)
        case .cut?: return .cut
        default: break
        }
        let isOpen = !request.uri.path.hasPrefix("/v1/")
        guard isOpen || request.headers[.init("x-api-key")!] == FakeServer.key else {
            return Response(status: 401, code: "invalid_api_key", message: "the API key is not valid")
        }
        let response = try await next(request, context)
        return fault == .cutAfterwards ? .cut : response
    }
}

extension Router<BasicRequestContext> {
    fileprivate func addRoutes(of store: FakeStore) {
        get("healthz") { _, _ in Response(["status": "ok"]) }
        get("readyz") { _, _ in Response(["status": "ready"]) }
        get("openapi.json") { _, _ in Response(["info": ["version": "9.9"]]) }
        post("v1/images/upload") { request, _ in
            let body = Array(try await request.body.collect(upTo: 64 << 20).readableBytesView)
            let parts = try FakeMultipart.parts(of: body, contentType: request.headers[.contentType] ?? "")
            let files = parts.filter { $0.fileName != nil }.map { (name: $0.fileName!, bytes: $0.bytes) }
            let metadata = parts.first { $0.name == "metadata" }.flatMap { try? JSONValue(parsing: $0.bytes) }
            guard files.count <= (await store.maximumFiles) else {
                return Response(status: 413, code: "limit_exceeded", message: "too many files in one request")
            }
            await store.beforeUpload()
            let key = request.headers[.init("idempotency-key")!]
            return Response(["results": .array(await store.upload(files, metadata: metadata, key: key))])
        }
        get("v1/images") { request, _ in
            let query = request.uri.queryParameters
            return Response(
                await store.page(
                    limit: query.get("limit", as: Int.self) ?? 20, cursor: query.get("cursor", as: Int.self) ?? 0,
                    ids: query.get("ids").map { $0.split(separator: ",").map(String.init) },
                    status: query.get("indexing_status", as: Int.self)))
        }
        get("v1/images/:id") { _, context -> Response in
            guard let image = await store.image(try context.parameters.require("id")) else { return Response.notFound }
            return Response(FakeStore.json(image))
        }
        get("v1/images/:id/content") { _, context -> Response in
            guard let image = await store.image(try context.parameters.require("id")) else { return Response.notFound }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: image.bytes)))
        }
        delete("v1/images/:id") { _, context -> Response in
            let id = try context.parameters.require("id")
            guard let image = ImageID(id), await store.delete(image) else { return Response.notFound }
            return Response(["status": "success", "image_id": .string(id)])
        }
        post("v1/images/search") { request, _ in
            let body = try JSONValue(parsing: Array(try await request.body.collect(upTo: 1 << 20).readableBytesView))
            // The first images there are, with the request beside them for a test to look at.
            let found = await store.images.prefix(body["max_results"]?.number?.int ?? 10)
            return Response([
                "results": .array(
                    found.map { image in
                        [
                            "image_id": .string(image.id.description), "image_url": "", "image_metadata": body,
                            "upload_timestamp": 1, "score": 0.75, "similarity": 0.25,
                        ]
                    })
            ])
        }
    }
}

extension Response {
    fileprivate static var notFound: Response { Response(status: 404, code: "not_found", message: "no such image") }
}
