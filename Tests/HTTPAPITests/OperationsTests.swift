import Domain
import HTTPTypes
import Library
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HTTPAPI

/// Health, readiness, metrics, pages, and the description itself.
@Suite struct OperationsTests {
    @Test func healthAndReadiness() async throws {
        struct NotYet: Error {}
        let state = Flag()
        let api = try await TestAPI(readiness: { if !state.isSet { throw NotYet() } })
        #expect(try await api.get("/healthz", key: .some(nil)).json == ["status": "ok"])
        let early = try await api.get("/readyz", key: .some(nil))
        #expect(
            early.status == 503 && early.error["code"] == "not_ready"
                && Int(early[header: "Retry-After"] ?? "") ?? 0 > 0)
        #expect(!early.text.contains("NotYet"))
        state.isSet = true
        #expect(try await api.get("/readyz", key: .some(nil)).json == ["status": "ready"])
    }

    @Test func metricsCountWhatHappened() async throws {
        let api = try await TestAPI()
        _ = try await api.upload(.files(Pictures.red, Pictures.blue))
        _ = try await api.upload(.files(Pictures.text, Pictures.green), query: "?partial=true")
        try await api.library.indexAll()
        _ = try await api.get("/v1/images/x")
        _ = try await api.get("/nowhere")
        let answer = try await api.get("/metrics")
        #expect(answer[header: "Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        let lines = Set(answer.text.split(separator: "\n").map(String.init))
        for line in [
            "imago_images_stored_total 3", "imago_files_refused_total 1", "imago_vectors 3",
            #"imago_images{status="indexed"} 3"#,
            #"imago_images{status="failed"} 0"#,
            #"imago_http_requests_total{method="POST",route="/v1/images/upload",status="200"} 2"#,
            #"imago_http_requests_total{method="GET",route="/v1/images/{image_id}",status="404"} 1"#,
            #"imago_http_requests_total{method="GET",route="none",status="404"} 1"#,
        ] {
            #expect(lines.contains(line), "\(line)\n\(answer.text)")
        }
        // Every sample belongs to a described name, and histograms only rise.
        for line in lines where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            let base = ["_bucket", "_sum", "_count"].reduce(String(name)) {
                $0.hasSuffix($1) ? String($0.dropLast($1.count)) : $0
            }
            #expect(lines.contains { $0.hasPrefix("# TYPE \(base) ") }, "\(line)")
            #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
        }
    }

    @Test func namesMadeUpByClientsDoNotFillTheMetrics() async throws {
        let api = try await TestAPI()
        for number in 0..<50 {
            _ = try await api.get("/made-up-\(number)")
            _ = try await api.send(.init("VERB\(number)")!, "/v1/images")
        }
        let text = try await api.get("/metrics").text
        #expect(!text.contains("made-up") && !text.contains("VERB"))
    }

    @Test func pagesAreServedWithAPolicy() async throws {
        let api = try await TestAPI()
        for (uri, type) in [
            ("/", "text/html; charset=utf-8"), ("/docs", "text/html; charset=utf-8"),
            ("/openapi.json", "application/json"),
            ("/console.js", "text/javascript; charset=utf-8"),
        ] {
            let answer = try await api.get(uri, key: .some(nil))
            #expect(answer.status == 200 && answer[header: "Content-Type"] == type && !answer.body.isEmpty, "\(uri)")
            let policy = answer[header: "Content-Security-Policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "\(uri): \(policy)")
            let tag = try #require(answer[header: "ETag"])
            #expect(try await api.get(uri, headers: [("If-None-Match", tag)]).status == 304)
        }
        let description = try await api.get("/openapi.json", key: .some(nil))
        #expect(description.json == Description.shared.document)
    }

    /// What is described exists, and what exists is described.
    @Test func theDescriptionHasEveryRoute() async throws {
        let api = try await TestAPI()
        let services = HTTPAPIServices(
            library: api.library.library, keyRing: api.keyRing,
            signer: .init(secret: "x", lifetime: 1, clock: api.clock), clock: api.clock,
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let table = Routing(services: services, configuration: HTTPAPIConfiguration()).table
        let pages: Set = ["/", "/docs", "/openapi.json"]
        let files = Set(StaticController().files.map(\.path)).subtracting(pages)
        let routes = Set(table.routes.filter { !files.contains($0.path) }.map { "\($0.method) \($0.path)" })
        // HEAD goes with every GET.
        let described = Description.shared.operations.filter { !$0.hasPrefix("HEAD ") }
        #expect(routes == described, "\(routes.symmetricDifference(described))")
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
