import Synchronization

/// Runs one graph on threads of its own, as many computations at a time as it has requests.
final class GraphRunner: Sendable {
    let graph: CompiledGraph
    /// How many computations run side by side.
    let width: Int
    private let threads: WorkerThreads
    private let idle: Mutex<[InferenceRequest]>

    /// Reads and compiles the graph on the runner's own threads.
    static func make(
        _ runtime: InferenceRuntime, graph: String, weights: String?, properties: [String: String], width: Int
    ) async throws -> GraphRunner {
        let threads = WorkerThreads(count: width)
        let (compiled, requests) = try await threads.run {
            let compiled = try runtime.compile(graph: graph, weights: weights, properties: properties)
            return (compiled, try (0..<width).map { _ in try compiled.request() })
        }
        return GraphRunner(graph: compiled, requests: requests, threads: threads)
    }

    private init(graph: CompiledGraph, requests: [InferenceRequest], threads: WorkerThreads) {
        self.graph = graph
        self.threads = threads
        width = requests.count
        idle = Mutex(requests)
    }

    /// Lends a request to the body, on a thread that may block.
    func run<Value: Sendable>(_ body: @escaping @Sendable (InferenceRequest) throws -> Value) async throws -> Value {
        try await threads.run { [self] in
            // There are as many requests as threads, so a thread always finds one.
            let request = idle.withLock { $0.removeLast() }
            defer { idle.withLock { $0.append(request) } }
            return try body(request)
        }
    }
}
