import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A model's image graph, to be compiled for one plan or another. Calls block.
struct ImageGraph: Sendable {
    let folder: String
    let manifest: ModelManifest
    let runtime: InferenceRuntime
    let properties: [String: String]

    var size: Int { manifest.model.preprocessing.size }
    private var dimension: Int { manifest.model.embeddingDimension }

    /// Processor threads that the graph may use.
    var cores: Int {
        properties["INFERENCE_NUM_THREADS"].flatMap { Int($0) } ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Compiled, checked against the manifest, and with requests to run it.
    func runner(_ plan: ImagePlan) throws(ModelError) -> ImageRunner {
        let graph = try compiled(plan)
        return try ImageRunner(
            graph, plan: plan, input: manifest.image.input, output: manifest.image.output, dimension: dimension)
    }

    /// - Parameter isKept: whether the compiled graph goes into the cache folder.
    func compiled(_ plan: ImagePlan, isKept: Bool = true) throws(ModelError) -> CompiledGraph {
        let (image, shape) = (manifest.image, [plan.batch, 3, size, size])
        var properties = properties
        properties["PERFORMANCE_HINT"] = "THROUGHPUT"
        properties["NUM_STREAMS"] = String(plan.streams)
        if !isKept { properties["CACHE_DIR"] = nil }
        let graph = try runtime.compile(
            graph: "\(folder)/\(image.files.graph)", weights: image.files.weights.map { "\(folder)/\($0)" },
            properties: properties, shape: GraphShape(input: image.input, axes: shape))
        try graph.expect(inputs: [image.input])
        try graph.expect(input: image.input, [.float32], shape)
        try graph.expect(output: image.output, [plan.batch, dimension])
        return graph
    }

    /// The plan remembered, or the fastest by a short measurement, which is remembered from then on.
    func fastest(remembered memory: PlanMemory) throws(ModelError) -> ImagePlan {
        if let plan = memory.plan { return plan }
        let standard = ImagePlan.standard(cores: cores)
        var best = standard
        let measured = try PlanMeasurement(self, plan: standard)
        // So much faster that it is no accident, and worth leaving what has been tried most.
        var fastest = measured.picturesPerSecond * 1.05
        for plan in ImagePlan.candidates(cores: cores) where plan != standard {
            // A graph may be made for one picture at a time, or take several for one: then the others are out.
            guard let other = try? PlanMeasurement(self, plan: plan), other.picturesPerSecond > fastest,
                other.agrees(with: measured)
            else { continue }
            (best, fastest) = (plan, other.picturesPerSecond)
        }
        memory.store(best)
        return best
    }
}
