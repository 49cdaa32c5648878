import Domain

/// How the image graph is run: chosen by measuring, or given.
struct ImagePlan: Sendable, Hashable, Codable {
    /// Computations side by side.
    let streams: Int
    /// Pictures in one computation, a fixed shape.
    let batch: Int

    /// Pictures that are in computation at once.
    var pictures: Int { streams * batch }

    /// What was fastest wherever it was measured, or close to it.
    static func standard(cores: Int) -> ImagePlan { ImagePlan(streams: min(max(cores, 2), 8), batch: 1) }

    /// What is worth measuring on so many cores.
    static func candidates(cores: Int) -> [ImagePlan] {
        var plans = [standard(cores: cores), ImagePlan(streams: 1, batch: 1), ImagePlan(streams: min(cores, 8), batch: 4)]
        if cores >= 4 { plans.append(ImagePlan(streams: cores / 2, batch: 1)) }
        if cores > 8 { plans.append(ImagePlan(streams: cores, batch: 1)) }
        var seen: Set<ImagePlan> = []
        return plans.filter { seen.insert($0).inserted }
    }
}
