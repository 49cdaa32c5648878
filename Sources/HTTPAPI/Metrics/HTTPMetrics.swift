import Domain
import Indexing
import Library
import Synchronization

/// Counts what the server does, for `GET /metrics`.
public final class HTTPMetrics: IndexingObserver {
    struct RequestKey: Hashable, Comparable {
        let method: String
        let route: String
        let status: Int

        static func < (left: RequestKey, right: RequestKey) -> Bool {
            (left.route, left.method, left.status) < (right.route, right.method, right.status)
        }
    }

    /// Counts by upper bound; the last is for everything above.
    struct Histogram {
        static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
        var counts = [Int](repeating: 0, count: bounds.count + 1)
        var sum = 0.0

        mutating func record(_ value: Double) {
            counts[Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count] += 1
            sum += value
        }
    }

    struct State {
        var requests: [RequestKey: Int] = [:]
        var latency: [String: Histogram] = [:]
        var sentBytes = 0
        var storedImages = 0
        var storedBytes: Int64 = 0
        var refusedFiles = 0
        var indexed = 0
        var indexingRetries = 0
        var indexingFailures = 0
    }
    private let state = Mutex(State())

    public init() {}

    /// Any other method counts as `other`: names made up by clients must not fill the memory.
    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    func answered(method: String, route: String, status: Int, seconds: Double, bytes: Int) {
        let key = RequestKey(
            method: Self.methods.contains(method) ? method : "other", route: route, status: status)
        state.withLock { state in
            state.requests[key, default: 0] += 1
            state.latency[route, default: Histogram()].record(seconds)
            state.sentBytes += bytes
        }
    }

    func stored(_ results: [UploadResult]) {
        state.withLock { state in
            for result in results {
                switch result {
                case .stored(let image):
                    state.storedImages += 1
                    state.storedBytes += image.properties.sizeBytes
                case .refused: state.refusedFiles += 1
                }
            }
        }
    }

    /// Counts an image that left the indexing pipeline.
    public func finished(_ outcome: JobOutcome) {
        state.withLock { state in
            switch outcome {
            case .indexed: state.indexed += 1
            case .retry: state.indexingRetries += 1
            case .failed: state.indexingFailures += 1
            }
        }
    }

    var snapshot: State { state.withLock { $0 } }
}
