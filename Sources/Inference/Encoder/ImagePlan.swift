import Domain

/// How the image graph is run: chosen by measuring, or given.
struct ImagePlan: Sendable, Hashable, Codable {
    /// Computations side by side.
    let streams: Int
    /// Pictures in one computation, a fixed shape.
    let batch: Int
    /// What it is computed in, by the runtime's name: `f32` or `bf16`.
    let precision: String

    /// Pictures that are in computation at once.
    var pictures: Int { streams * batch }

    /// What was fastest wherever it was measured, or close to it.
    static func standard(cores: Int, precision: String) -> ImagePlan {
        ImagePlan(streams: min(max(cores, 2), 8), batch: 1, precision: precision)
    }

    /// What is worth measuring on so many cores, in one precision.
    static func candidates(cores: Int, precision: String) -> [ImagePlan] {
        var shapes = [(1, 1), (min(cores, 8), 4)]
        if cores >= 4 { shapes.append((cores / 2, 1)) }
        if cores > 8 { shapes.append((cores, 1)) }
        let plans = shapes.map { ImagePlan(streams: $0.0, batch: $0.1, precision: precision) }
        var seen: Set<ImagePlan> = []
        return ([standard(cores: cores, precision: precision)] + plans).filter { seen.insert($0).inserted }
    }
}
