import Domain

/// The half of a model that sees.
final class ImageTower: Sendable {
    private let runner: ImageRunner
    private let size: Int

    var plan: ImagePlan { runner.plan }

    /// - Parameters:
    ///   - precisions: what may be chosen from, the most exact first.
    ///   - streams: nil for what measuring says is fastest on this machine, now or at an earlier load.
    ///   - memory: where that is kept; without one nothing is measured.
    init(
        folder: String, manifest: ModelManifest, runtime: InferenceRuntime, properties: [String: String],
        precisions: [String], streams: Int?, memory: PlanMemory?
    ) async throws {
        let graph = ImageGraph(
            folder: folder, manifest: manifest, runtime: runtime, properties: properties, precisions: precisions)
        size = graph.size
        runner = try await WorkerThreads(count: 1).run {
            // The runtime's threads take this one's priority: pictures are computed after whatever somebody waits for.
            Priority.lowerThisThread()
            if let streams {
                return try graph.runner(
                    ImagePlan(streams: streams, batch: 1, precision: graph.standard.precision))
            }
            return try graph.runner(try memory.map { try graph.fastest(remembered: $0) } ?? graph.standard)
        }
    }

    func embed(_ pictures: [PixelTensor]) async throws -> [Embedding] {
        guard pictures.allSatisfy({ $0.size == size }) else {
            throw ModelError(code: .inputInvalid, message: "A picture does not have the model's size, \(size) pixels.")
        }
        return try await withThrowingTaskGroup(of: (Int, Embedding).self) { group in
            var embeddings = [Embedding?](repeating: nil, count: pictures.count)
            // No more at once than can be computed at once: other callers' pictures get between.
            for position in pictures.indices {
                if position >= plan.pictures, let (done, embedding) = try await group.next() {
                    embeddings[done] = embedding
                }
                group.addTask { [runner] in (position, try await runner.embed(pictures[position])) }
            }
            for try await (done, embedding) in group { embeddings[done] = embedding }
            return embeddings.compactMap { $0 }
        }
    }
}
