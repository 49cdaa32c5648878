internal import COpenVINO

/// The shape an input is to have.
struct GraphShape: Hashable {
    let input: String
    let axes: [Int]

    /// Fixes it in a graph that was read and not yet compiled. Nothing happens where the graph has no such input, or
    /// asks for another length of an axis after the first: that is for whoever compares the graph with the manifest.
    /// - Throws: `graphMismatch` when the rest of the graph can't do with so many rows.
    func fix(in model: OpaquePointer?) throws(ModelError) {
        var port: OpaquePointer?
        guard ov_model_const_input_by_name(model, input, &port) == Runtime.success else { return }
        defer { ov_output_const_port_free(port) }
        var open = ov_partial_shape()
        guard ov_port_get_partial_shape(port, &open) == Runtime.success else { return }
        defer { ov_partial_shape_free(&open) }
        guard open.rank.min == open.rank.max, Int(open.rank.max) == axes.count, let dimensions = open.dims else { return }
        for axis in axes.indices.dropFirst() {
            let dimension = dimensions[axis]
            guard dimension.min != dimension.max || dimension.max == axes[axis] else { return }
        }
        var fixed = ov_partial_shape()
        try Runtime.check(
            axes.map(Int64.init).withUnsafeBufferPointer {
                ov_partial_shape_create_static(Int64($0.count), $0.baseAddress, &fixed)
            }, .runtimeFailed, "A graph's shape could not be described.")
        defer { ov_partial_shape_free(&fixed) }
        try Runtime.check(
            ov_model_reshape_input_by_name(model, input, fixed), .graphMismatch,
            "A graph of the model does not take an input of the shape \(axes).")
    }
}
