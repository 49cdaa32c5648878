extension CompiledGraph {
    /// - Throws: `graphMismatch` when the graph wants other inputs too, which nobody would fill.
    func expect(inputs names: Set<String>) throws(ModelError) {
        let count = try inputCount()
        guard count == names.count else {
            throw ModelError(
                code: .graphMismatch,
                message: "A graph of the model has \(count) inputs where the manifest names \(names.count).")
        }
    }

    /// - Throws: `graphMismatch` unless the input takes such elements in such a shape; nil stands for any length.
    func expect(input name: String, _ elements: Set<TensorElement>, _ shape: [Int?]) throws(ModelError) {
        try Self.expect(try input(name), name, elements, shape)
    }

    /// - Throws: `graphMismatch` unless the output can have such a shape and is of 32-bit floats.
    func expect(output name: String, _ shape: [Int?]) throws(ModelError) {
        try Self.expect(try output(name), name, [.float32], shape)
    }

    private static func expect(
        _ port: Port, _ name: String, _ elements: Set<TensorElement>, _ shape: [Int?]
    ) throws(ModelError) {
        let fits =
            port.axes.count == shape.count
            && zip(port.axes, shape).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
        guard fits, elements.contains(port.element) else {
            throw ModelError(
                code: .graphMismatch,
                message: "In a graph of the model, \(name) does not have the shape or type the manifest calls for.",
                detail: "\(port.element) \(port.axes), wanted \(shape)")
        }
    }
}

extension GraphRunner {
    /// Compiles a graph of a model folder.
    static func make(
        _ runtime: InferenceRuntime, folder: String, files: ModelManifest.GraphFiles, properties: [String: String],
        width: Int
    ) async throws -> GraphRunner {
        try await make(
            runtime, graph: "\(folder)/\(files.graph)", weights: files.weights.map { "\(folder)/\($0)" },
            properties: properties, width: width)
    }
}
