import Domain

/// The half of a model that sees. Each picture is a computation of its own: on processors several single pictures side
/// by side are faster than batches, and none waits for a batch to fill.
final class ImageTower: Sendable {
    private let runner: GraphRunner
    private let input: String
    private let output: String
    private let size: Int
    private let dimension: Int

    /// - Parameter width: how many pictures are computed side by side.
    init(
        folder: String, manifest: ModelManifest, runtime: InferenceRuntime, properties: [String: String], width: Int
    ) async throws {
        let graph = manifest.image
        input = graph.input
        output = graph.output
        size = manifest.model.preprocessing.size
        dimension = manifest.model.embeddingDimension
        var properties = properties
        properties["PERFORMANCE_HINT"] = "THROUGHPUT"
        properties["NUM_STREAMS"] = String(width)
        runner = try await GraphRunner.make(
            runtime, folder: folder, files: graph.files, properties: properties, width: width)
        try runner.graph.expect(inputs: [input])
        try runner.graph.expect(input: input, [.float32], [1, 3, size, size])
        try runner.graph.expect(output: output, [1, dimension])
    }

    func embed(_ pictures: [PixelTensor]) async throws -> [Embedding] {
        guard pictures.allSatisfy({ $0.size == size }) else {
            throw ModelError(code: .inputInvalid, message: "A picture does not have the model's size, \(size) pixels.")
        }
        return try await withThrowingTaskGroup(of: (Int, Embedding).self) { group in
            var embeddings = [Embedding?](repeating: nil, count: pictures.count)
            // No more tasks than requests: the others' order in the threads' queue is left to other callers.
            for position in pictures.indices {
                if position >= runner.width, let (done, embedding) = try await group.next() {
                    embeddings[done] = embedding
                }
                group.addTask { (position, try await self.embed(pictures[position])) }
            }
            for try await (done, embedding) in group { embeddings[done] = embedding }
            return embeddings.compactMap { $0 }
        }
    }

    private func embed(_ picture: PixelTensor) async throws -> Embedding {
        try await runner.run { [input, output, size, dimension] request in
            try request.set(input, .float32, shape: [1, 3, size, size], picture.values)
            try request.run()
            return try Embedding(computed: request.output(output, shape: [1, dimension]))
        }
    }
}
