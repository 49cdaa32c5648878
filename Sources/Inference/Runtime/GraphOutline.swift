internal import COpenVINO

/// What goes into a graph and what comes out, as its file says, without compiling it.
public struct GraphOutline: Sendable, Hashable {
    public struct Port: Sendable, Hashable {
        public let name: String
        /// Nil for an axis of any length; nil altogether where even the number of axes is open.
        public let axes: [Int?]?

        public init(name: String, axes: [Int?]?) {
            self.name = name
            self.axes = axes
        }
    }

    public let inputs: [Port]
    public let outputs: [Port]

    /// Reads a graph. Blocks while it does.
    /// - Parameter graph: path of an ONNX file, or of an OpenVINO IR file whose weights lie beside it.
    /// - Throws: `ModelError.Code.graphUnreadable`
    public init(graph: String) throws(ModelError) {
        let runtime = try InferenceRuntime()
        let weights = graph.hasSuffix(".xml") ? "\(graph.dropLast(4)).bin" : nil
        self = try runtime.outline(graph: graph, weights: weights)
    }

    public init(inputs: [Port], outputs: [Port]) {
        self.inputs = inputs
        self.outputs = outputs
    }
}

extension InferenceRuntime {
    fileprivate func outline(graph: String, weights: String?) throws(ModelError) -> GraphOutline {
        try withModel(graph: graph, weights: weights) { (model) throws(ModelError) in
            var inputs = 0
            var outputs = 0
            try Runtime.check(
                ov_model_inputs_size(model, &inputs), .graphUnreadable, "A graph's inputs could not be counted.")
            try Runtime.check(
                ov_model_outputs_size(model, &outputs), .graphUnreadable, "A graph's outputs could not be counted.")
            return GraphOutline(
                inputs: try (0..<inputs).map { (index) throws(ModelError) in
                    try Self.port { ov_model_const_input_by_index(model, index, &$0) }
                },
                outputs: try (0..<outputs).map { (index) throws(ModelError) in
                    try Self.port { ov_model_const_output_by_index(model, index, &$0) }
                })
        }
    }

    private static func port(_ open: (inout OpaquePointer?) -> ov_status_e) throws(ModelError) -> GraphOutline.Port {
        var port: OpaquePointer?
        try Runtime.check(open(&port), .graphUnreadable, "A graph's port could not be read.")
        defer { ov_output_const_port_free(port) }
        var text: UnsafeMutablePointer<CChar>?
        try Runtime.check(
            ov_port_get_any_name(port, &text), .graphUnreadable, "A graph has an input or output without a name.")
        defer { ov_free(text) }
        var shape = ov_partial_shape()
        try Runtime.check(
            ov_port_get_partial_shape(port, &shape), .graphUnreadable, "A graph's shape could not be read.")
        defer { ov_partial_shape_free(&shape) }
        var axes: [Int?]?
        if shape.rank.min == shape.rank.max, let dimensions = shape.dims {
            axes = (0..<Int(shape.rank.max)).map {
                dimensions[$0].min == dimensions[$0].max ? Int(dimensions[$0].max) : nil
            }
        }
        return GraphOutline.Port(name: text.map { String(cString: $0) } ?? "", axes: axes)
    }
}
