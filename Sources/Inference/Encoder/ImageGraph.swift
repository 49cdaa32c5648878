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
    /// What it may be computed in, the most exact first; the last is taken where nothing is measured.
    let precisions: [String]

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
        properties["INFERENCE_PRECISION_HINT"] = plan.precision
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

    /// The plan where nothing is measured.
    var standard: ImagePlan { .standard(cores: cores, precision: precisions[precisions.count - 1]) }

    /// The plan remembered, or the fastest by a short measurement, which is remembered from then on.
    ///
    /// Half the precision is not always faster: convolutions that work channel by channel are slower in bf16 than in f32
    /// even on processors made for it, where transformers gain a factor of two.
    func fastest(remembered memory: PlanMemory) throws(ModelError) -> ImagePlan {
        if let plan = memory.plan { return plan }
        var best = ImagePlan.standard(cores: cores, precision: precisions[0])
        var measured = try PlanMeasurement(self, plan: best)
        for precision in precisions.dropFirst() {
            let plan = ImagePlan.standard(cores: cores, precision: precision)
            let other = try PlanMeasurement(self, plan: plan)
            if other.picturesPerSecond > measured.picturesPerSecond * Self.noAccident {
                (best, measured) = (plan, other)
            }
        }
        var fastest = measured.picturesPerSecond * Self.noAccident
        for plan in ImagePlan.candidates(cores: cores, precision: best.precision) where plan != best {
            // A graph may be made for one picture at a time, or take several for one: then the others are out.
            guard let other = try? PlanMeasurement(self, plan: plan), other.picturesPerSecond > fastest,
                other.agrees(with: measured)
            else { continue }
            (best, fastest) = (plan, other.picturesPerSecond)
        }
        memory.store(best)
        return best
    }

    /// So much faster that it is worth leaving what is more exact, or has been tried most.
    private static let noAccident = 1.05
}
