import Domain
import HTTPTypes
import Testing

@testable import HTTPAPI

/// The description of the API is well-formed and says what the routes are.
@Suite struct OpenAPITests {
    private let document: OpenAPIDocument
    init() throws { document = try OpenAPIDocument() }

    @Test func itIsOpenAPI31() throws {
        #expect(document.root["openapi"]?.string?.hasPrefix("3.1.") == true)
        #expect(document.root["info"]?["title"]?.string != nil && document.root["info"]?["version"]?.string != nil)
        let tags = Set(try #require(document.root["tags"]?.array).compactMap { $0["name"]?.string })
        #expect(Set(document.operations.map(\.id)).count == document.operations.count, "each has a name of its own")
        for operation in document.operations {
            let name = "\(operation.method) \(operation.path)"
            #expect(operation.path.hasPrefix("/") && !operation.id.isEmpty, "\(name)")
            #expect(operation.object["summary"]?.string?.isEmpty == false, "\(name)")
            let own = operation.object["tags"]?.array ?? []
            #expect(!own.isEmpty && own.allSatisfy { tags.contains($0.string ?? "") }, "\(name)")
            let responses = operation.object["responses"]?.object?.members ?? []
            #expect(!responses.isEmpty, "\(name)")
            for (status, response) in responses {
                #expect(Int(status).map { (100..<600).contains($0) } == true, "\(name) \(status)")
                #expect(document.resolved(response)["description"]?.string?.isEmpty == false, "\(name) \(status)")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhereAndEveryComponentIsUsed() throws {
        var used: Set<String> = []
        document.walk { object, place in
            guard let reference = object["$ref"]?.string else { return }
            #expect(document.checker.resolve(reference) != nil, "\(place) refers to \(reference)")
            used.insert(reference)
        }
        let names = Set(document.root["security"]?.array?.flatMap { $0.object?.names ?? [] } ?? [])
        for (kind, components) in try #require(document.root["components"]?.object).members {
            for name in components.object?.names ?? [] where kind != "securitySchemes" {
                let own = "#/components/\(kind)/\(name)"
                #expect(used.contains { $0 == own || $0.hasPrefix(own + "/") }, "nothing uses \(own)")
            }
        }
        let schemes = Set(document.root["components"]?["securitySchemes"]?.object?.names ?? [])
        #expect(names.isSubset(of: schemes))
        for operation in document.operations {
            let names = (operation.object["security"]?.array ?? []).flatMap { $0.object?.names ?? [] }
            #expect(names.allSatisfy(schemes.contains), "\(operation.id)")
        }
    }

    @Test func everyPartOfAPathIsAParameter() {
        for operation in document.operations {
            let parameters = (operation.object["parameters"]?.array ?? []).map { document.resolved($0) }
            for parameter in parameters {
                let place = parameter["in"]?.string ?? ""
                #expect(["path", "query", "header"].contains(place), "\(operation.id)")
                #expect(parameter["name"]?.string != nil && parameter["schema"]?.object != nil, "\(operation.id)")
                #expect(place != "path" || parameter["required"] == true, "\(operation.id)")
            }
            let inPath = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
            let names = operation.path.split(separator: "/").filter { $0.first == "{" }.map {
                String($0.dropFirst().dropLast())
            }
            #expect(names.sorted() == inPath.sorted(), "\(operation.id)")
        }
    }

    @Test func everyExampleIsAsItsSchemaSays() {
        var checked = 0
        document.walk { object, place in
            guard let schema = object["schema"] else { return }
            // A form's examples stand for its parts, a file being its name.
            guard !place.contains("multipart~1form-data"), !place.contains("multipart/form-data") else { return }
            let named = object["examples"]?.object?.members.compactMap { $0.value["value"] } ?? []
            for example in [object["example"]].compactMap({ $0 }) + named {
                let problems = document.strictChecker.problems(example, schema)
                #expect(problems.isEmpty, "\(place): \(problems)")
                checked += 1
            }
        }
        #expect(checked > 20)
    }

    @Test func itNamesEveryRouteAndNoOther() async throws {
        let api = try await TestAPI()
        let assets = Set(StaticController().files.filter { !$0.isEntrance }.map(\.path))
        let routes = Set(Routing(services: api.services, configuration: HTTPAPIConfiguration()).table.routes)
            .filter { !assets.contains($0.path) }
        // Every GET answers HEAD as well; describing that again is up to the description.
        let described = Set(document.operations.map { RouteTable.Route(method: $0.method, path: $0.path) })
            .filter { $0.method != "HEAD" }
        #expect(routes.subtracting(described).isEmpty, "routes without a description")
        #expect(described.subtracting(routes).isEmpty, "descriptions without a route")
        for head in document.operations where head.method == "HEAD" {
            #expect(described.contains(RouteTable.Route(method: "GET", path: head.path)), "\(head.path)")
        }
    }

    @Test func itSaysWhatNeedsAKey() async throws {
        let api = try await TestAPI()
        for operation in document.operations {
            let path = operation.path.replacing("{image_id}", with: "019aaf3e-7c41-7d52-9f0b-3d1c5a7e2b64")
            let method = try #require(HTTPRequest.Method(rawValue: operation.method))
            let status = try await api.send(method, path, key: .some(nil)).status
            let isOpen = operation.object["security"]?.array?.isEmpty == true
            #expect((status == 401) == !isOpen, "\(operation.method) \(path): \(status)")
        }
    }
}
