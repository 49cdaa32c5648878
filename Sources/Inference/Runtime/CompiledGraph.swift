internal import COpenVINO

/// A graph ready to run.
///
/// `@unchecked`: the runtime allows requests to be made and properties to be read from several threads, and the pointer
/// never changes.
final class CompiledGraph: @unchecked Sendable {
    private let graph: OpaquePointer
    /// Held so that the core outlives what it compiled.
    private let runtime: InferenceRuntime

    init(owning graph: OpaquePointer, runtime: InferenceRuntime) {
        self.graph = graph
        self.runtime = runtime
    }

    deinit { ov_compiled_model_free(graph) }

    /// An input or output: what its elements are, and its axes' lengths where they are fixed.
    struct Port: Hashable {
        let element: TensorElement
        /// Nil for an axis of any length.
        let axes: [Int?]
    }

    /// - Throws: `graphMismatch` when there is no such input, or its element type or rank is none we fill.
    func input(_ name: String) throws(ModelError) -> Port {
        var port: OpaquePointer?
        try Runtime.check(
            ov_compiled_model_input_by_name(graph, name, &port), .graphMismatch,
            "A graph of the model has no input named \(name).")
        return try describe(port, name)
    }

    /// - Throws: `graphMismatch` when there is no such output, or its element type or rank is none we read.
    func output(_ name: String) throws(ModelError) -> Port {
        var port: OpaquePointer?
        try Runtime.check(
            ov_compiled_model_output_by_name(graph, name, &port), .graphMismatch,
            "A graph of the model has no output named \(name).")
        return try describe(port, name)
    }

    /// How many inputs must be filled before the graph can run.
    func inputCount() throws(ModelError) -> Int {
        var count = 0
        try Runtime.check(
            ov_compiled_model_inputs_size(graph, &count), .runtimeFailed, "A graph's inputs could not be counted.")
        return count
    }

    func request() throws(ModelError) -> InferenceRequest {
        var request: OpaquePointer?
        try Runtime.check(
            ov_compiled_model_create_infer_request(graph, &request), .runtimeFailed,
            "The inference runtime could not make room for a computation.")
        return InferenceRequest(owning: try Runtime.made(request), graph: self)
    }

    /// A property's value as the runtime set it; nil when it has none of that name.
    func property(_ name: String) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard ov_compiled_model_get_property(graph, name, &value) == Runtime.success, let value else { return nil }
        defer { ov_free(value) }
        return String(cString: value)
    }

    private func describe(_ port: OpaquePointer?, _ name: String) throws(ModelError) -> Port {
        defer { ov_output_const_port_free(port) }
        var element = ov_element_type_e(rawValue: 0)
        try Runtime.check(
            ov_port_get_element_type(port, &element), .runtimeFailed, "A graph's element type could not be read.")
        guard let element = TensorElement(element) else {
            throw ModelError(
                code: .graphMismatch,
                message: "In a graph of the model, \(name) holds neither 32-bit floats nor 32- or 64-bit integers.")
        }
        var shape = ov_partial_shape()
        try Runtime.check(
            ov_port_get_partial_shape(port, &shape), .runtimeFailed, "A graph's shape could not be read.")
        defer { ov_partial_shape_free(&shape) }
        guard shape.rank.min == shape.rank.max, let dimensions = shape.dims else {
            throw ModelError(
                code: .graphMismatch, message: "In a graph of the model, \(name) has no fixed number of axes.")
        }
        return Port(
            element: element,
            axes: (0..<Int(shape.rank.max)).map {
                dimensions[$0].min == dimensions[$0].max ? Int(dimensions[$0].max) : nil
            })
    }
}
