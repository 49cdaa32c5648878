import Domain
import Synchronization

/// Runs an image graph with several requests, each computing a batch of pictures of a fixed size, without holding a
/// thread for any of them.
///
/// A request that is free takes what waits, as many pictures as a batch holds: those that somebody waits for before those
/// of the background. It does not wait for a batch to fill; missing pictures are zeros.
final class ImageRunner: Sendable {
    let graph: CompiledGraph
    let plan: ImagePlan

    private struct Waiting: Sendable {
        let picture: PixelTensor
        let settle: @Sendable (Result<Embedding, any Error>) -> Void
    }
    private struct State {
        var idle: [InferenceRequest]
        var foreground: [Waiting] = []
        var background: [Waiting] = []
    }
    private let names: (input: String, output: String)
    private let dimension: Int
    private let state: Mutex<State>

    /// Blocks while it makes the requests' memory.
    init(
        _ graph: CompiledGraph, plan: ImagePlan, input: String, output: String, dimension: Int
    ) throws(ModelError) {
        self.graph = graph
        self.plan = plan
        names = (input, output)
        self.dimension = dimension
        var requests: [InferenceRequest] = []
        for _ in 0..<plan.streams { requests.append(try graph.request()) }
        state = Mutex(State(idle: requests))
    }

    /// - Throws: `ModelError`; `CancellationError` when the task was cancelled before its picture's turn to wait came.
    func embed(_ picture: PixelTensor) async throws -> Embedding {
        try Task.checkCancellation()
        let urgency = Urgency.current
        return try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(picture: picture) { continuation.resume(with: $0) }
            state.withLock { state in
                if urgency == .foreground { state.foreground.append(waiting) } else { state.background.append(waiting) }
            }
            dispatch()
        }
    }

    private func dispatch() {
        while let (request, pictures) = state.withLock({ Self.take(&$0, plan.batch) }) {
            Task.detached { await self.compute(pictures, with: request) }
        }
    }

    private static func take(_ state: inout State, _ batch: Int) -> (InferenceRequest, [Waiting])? {
        guard !state.foreground.isEmpty || !state.background.isEmpty, let request = state.idle.popLast() else {
            return nil
        }
        var pictures = Array(state.foreground.prefix(batch))
        state.foreground.removeFirst(pictures.count)
        let rest = state.background.prefix(batch - pictures.count)
        pictures += rest
        state.background.removeFirst(rest.count)
        return (request, pictures)
    }

    private func compute(_ pictures: [Waiting], with request: InferenceRequest) async {
        let results: [Result<Embedding, any Error>]
        do throws(ModelError) {
            results = try await run(pictures.map(\.picture), with: request)
        } catch {
            results = pictures.map { _ in .failure(error) }
        }
        // The next computation first: the answers can wait for it to begin.
        state.withLock { $0.idle.append(request) }
        dispatch()
        for (waiting, result) in zip(pictures, results) { waiting.settle(result) }
    }

    private func run(
        _ pictures: [PixelTensor], with request: InferenceRequest
    ) async throws(ModelError) -> [Result<Embedding, any Error>] {
        let size = pictures[0].size
        let shape = [plan.batch, 3, size, size]
        if plan.batch == 1 {
            try request.set(names.input, .float32, shape: shape, pictures[0].values)
        } else {
            var values = pictures.flatMap(\.values)
            values += [Float](repeating: 0, count: (plan.batch - pictures.count) * 3 * size * size)
            try request.set(names.input, .float32, shape: shape, values)
        }
        try await request.runAsynchronously()
        let values = try request.output(names.output, shape: [plan.batch, dimension])
        return pictures.indices.map { position in
            Result { try Embedding(computed: values[position * dimension..<(position + 1) * dimension]) }
        }
    }
}
