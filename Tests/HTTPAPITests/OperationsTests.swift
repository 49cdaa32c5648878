import Domain
import HTTPTypes
import Synchronization
import LibraryTesting
import Testing

@testable import HTTPAPI

/// Health, readiness and metrics.
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
}

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
