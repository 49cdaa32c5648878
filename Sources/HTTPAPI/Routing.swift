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

        let content = ContentController(services: services, configuration: configuration)
        let operations = OperationsController(services: services)

        routes.add(.post, "/v1/images/upload", .key(.upload), upload.upload)
        routes.add(.get, "/v1/images", .key(.read), images.list)
        routes.add(.delete, "/v1/images", .key(.read), images.deleteMany)
        routes.add(.get, "/v1/images/{image_id}", .key(.read), images.get)
        routes.add(.patch, "/v1/images/{image_id}", .key(.read), images.change)
        routes.add(.delete, "/v1/images/{image_id}", .key(.read), images.delete)
        routes.add(.get, "/v1/images/{image_id}/content", .keyOrSignature, content.content)
        routes.add(.post, "/v1/images/search", .key(.search), search.search)
        routes.add(.get, "/metrics", .key(.read), operations.metrics)
        routes.add(.get, "/healthz", .open, operations.health)
        routes.add(.get, "/readyz", .open, operations.readiness)
        let pages = StaticController()
        for file in pages.files { routes.add(.get, file.path, .open, pages.answer(with: file)) }

        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: RequestScope(
                identifiers: IdentifierGenerator(clock: services.clock), routes: routes.table,
                metrics: services.metrics))
        let limiter = RateLimiter(configuration.rateLimits, clock: services.clock)
        let keyed = RouteClass.allCases.map { routes in
            router.group().add(middleware: Authentication(keyRing: services.keyRing))
                .add(middleware: RateLimiting(limiter: limiter, routes: routes))
        }
        let signed = router.group().add(
            middleware: Authentication(keyRing: services.keyRing, signer: services.signer)
        ).add(middleware: RateLimiting(limiter: limiter, routes: .read))
        for route in routes.routes {
            let path = RouterPath(route.path)
            switch route.access {
            case .open: router.on(path, method: route.method, use: route.handler)
            case .key(let routes): keyed[routes.rawValue].on(path, method: route.method, use: route.handler)
            case .keyOrSignature: signed.on(path, method: route.method, use: route.handler)
            }
        }
        self.router = router
        table = routes.table
    }

    /// Who may use a route; with a key, also which of its limits a request counts against.
    private enum Access {
        case open
        case key(RouteClass)
        case keyOrSignature
    }

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
