import HTTPTypes
import Hummingbird

/// Which methods each path has: what `Allow` says when a request uses another.
struct RouteTable: Sendable {
    /// What the router calls the route of a request that has none.
    static let noRoute = "NotFound"

    struct Route: Sendable, Hashable {
        let method: String
        /// `/v1/images/{image_id}`
        let path: String
    }

    private(set) var routes: [Route] = []

    mutating func add(_ method: HTTPRequest.Method, _ path: String) {
        routes.append(Route(method: method.rawValue, path: path))
    }

    /// The methods of the route at a request's path, HEAD with every GET; empty when there is no such route.
    ///
    /// As the router does, a path written out goes before one with parameters: `/v1/images/upload` is no image.
    func methods(at path: String) -> [String] {
        let segments = path.split(separator: "/")
        let matching = routes.filter { Self.matches($0.path.split(separator: "/"), segments) }
        let isWrittenOut = matching.contains { !$0.path.contains("{") }
        var methods: Set<String> = []
        for route in matching where !isWrittenOut || !route.path.contains("{") {
            methods.insert(route.method)
            if route.method == "GET" { methods.insert("HEAD") }
        }
        return methods.sorted()
    }

    private static func matches(_ pattern: [Substring], _ segments: [Substring]) -> Bool {
        pattern.count == segments.count && zip(pattern, segments).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
