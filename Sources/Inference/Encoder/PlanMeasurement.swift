import Domain

/// How fast a plan is, found by running it for a moment, and what it computed.
struct PlanMeasurement {
    private(set) var picturesPerSecond = 0.0
    /// Of the test pictures, in order.
    private var embeddings: [Embedding] = []

    private static let time = Duration.milliseconds(400)
    /// As many as the largest batch of any plan, so that no two pictures of a batch are the same.
    private static let testPictures = 4

    /// Compiles and runs the graph. Blocks.
    init(_ graph: ImageGraph, plan: ImagePlan) throws(ModelError) {
        let compiled = try graph.compiled(plan, isKept: false)
        let (image, dimension) = (graph.manifest.image, graph.manifest.model.embeddingDimension)
        let shape = [plan.batch, 3, graph.size, graph.size]
        let pictures = (0..<Self.testPictures).map { Self.noise(count: 3 * graph.size * graph.size, seed: $0) }

        let first = try compiled.request()
        for start in stride(from: 0, to: pictures.count, by: plan.batch) {
            try first.set(image.input, .float32, shape: shape, pictures[start..<start + plan.batch].flatMap { $0 })
            try first.run()
            let values = try first.output(image.output, shape: [plan.batch, dimension])
            for row in 0..<plan.batch {
                embeddings.append(try Embedding(computed: values[row * dimension..<(row + 1) * dimension]))
            }
        }

        var requests = [first]
        while requests.count < plan.streams { requests.append(try compiled.request()) }
        for request in requests {
            try request.set(image.input, .float32, shape: shape, pictures[..<plan.batch].flatMap { $0 })
            // Each stream prepares itself at its first run.
            try request.start()
        }
        for request in requests { try request.wait() }
        var computed = 0
        let start = ContinuousClock.now
        for request in requests { try request.start() }
        while ContinuousClock.now - start < Self.time {
            for request in requests {
                try request.wait()
                try request.start()
                computed += plan.batch
            }
        }
        for request in requests { try request.wait() }
        computed += plan.pictures
        picturesPerSecond = Double(computed) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Whether both computed the same, as far as rounding goes.
    func agrees(with other: PlanMeasurement) -> Bool {
        zip(embeddings, other.embeddings).allSatisfy { mine, theirs in
            zip(mine.values, theirs.values).reduce(0) { $0 + $1.0 * $1.1 } > 0.99
        }
    }

    /// Numbers between -1 and 1, the same for the same seed (a linear congruential generator, Knuth's).
    private static func noise(count: Int, seed: Int) -> [Float] {
        var state = UInt64(seed) &+ 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
        }
    }
}
