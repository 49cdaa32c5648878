import Domain
import HTTPTypes
import Hummingbird
import Library

/// Puts routes and middleware together.
struct Routing {
    let router: Router<APIContext>
    let table: RouteTable

    init(services: HTTPAPIServices, configuration: HTTPAPIConfiguration) {
        var routes = Registry()
        let upload = UploadController(services: services, configuration: configuration)
        let images = ImagesController(services: services, configuration: configuration)
        let search = SearchController(services: services, configuration: configuration)

        routes.add(.post, "/v1/images/upload", .key, upload.upload)
        routes.add(.get, "/v1/images", .key, images.list)
        routes.add(.delete, "/v1/images", .key, images.deleteMany)
        routes.add(.get, "/v1/images/{image_id}", .key, images.get)
        routes.add(.delete, "/v1/images/{image_id}", .key, images.delete)
        routes.add(.post, "/v1/images/search", .key, search.search)
        let pages = StaticController()
        for file in pages.files { routes.add(.get, file.path, .open, pages.answer(with: file)) }

        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: RequestScope(
                identifiers: IdentifierGenerator(clock: services.clock), routes: routes.table,
                metrics: services.metrics))
        let keyed = router.group().add(middleware: Authentication(keyRing: services.keyRing))
        let signed = router.group().add(
            middleware: Authentication(keyRing: services.keyRing, signer: services.signer))
        for route in routes.routes {
            let path = RouterPath(route.path)
            switch route.access {
            case .open: router.on(path, method: route.method, use: route.handler)
            case .key: keyed.on(path, method: route.method, use: route.handler)
            case .keyOrSignature: signed.on(path, method: route.method, use: route.handler)
            }
        }
        self.router = router
        table = routes.table
    }

    private enum Access { case open, key, keyOrSignature }

    private struct Registry {
        typealias Handler = @Sendable (Request, APIContext) async throws -> Response
        var routes: [(method: HTTPRequest.Method, path: String, access: Access, handler: Handler)] = []
        var table = RouteTable()

        mutating func add(
            _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ handler: @escaping Handler
        ) {
            routes.append((method, path, access, handler))
            table.add(method, path)
        }
    }
}
