internal import COpenVINO

/// One computation at a time on a compiled graph, with memory of its own.
///
/// `@unchecked`: a request is used by one thread at a time; `GraphRunner` lends it to one job and takes it back after.
final class InferenceRequest: @unchecked Sendable {
    let request: OpaquePointer
    /// Held so that the graph outlives its requests.
    private let graph: CompiledGraph
    /// Given up after the request, which may call it until then.
    private var record: CompletionRecord?
    /// The tensors set last. Kept to be filled again while the shape stays the same.
    private var inputs: [String: (tensor: Tensor, element: TensorElement, shape: [Int])] = [:]

    init(owning request: OpaquePointer, graph: CompiledGraph) {
        self.request = request
        self.graph = graph
    }

    deinit { ov_infer_request_free(request) }

    /// Sets an input.
    /// - Precondition: `values` fill the shape and are of the element type's size.
    func set<Value: BitwiseCopyable>(
        _ name: String, _ element: TensorElement, shape: [Int], _ values: [Value]
    ) throws(ModelError) {
        if let last = inputs[name], last.element == element, last.shape == shape {
            try last.tensor.fill(values)
            return
        }
        let tensor = try Tensor(element, shape: shape)
        try tensor.fill(values)
        try Runtime.check(
            ov_infer_request_set_tensor(request, name, tensor.pointer), .graphMismatch,
            "A graph of the model does not take an input of the shape \(shape).")
        inputs[name] = (tensor, element, shape)
    }

    /// What the runtime tells of the end of a computation; set up at the first call.
    func completion() throws(ModelError) -> Completion {
        if let record { return record.completion }
        let made = CompletionRecord()
        try Runtime.check(
            ov_infer_request_set_callback(request, made.pointer), .runtimeFailed,
            "The inference runtime could not be asked to tell when it is done.")
        record = made
        return made.completion
    }

    /// Runs the graph and waits.
    func run() throws(ModelError) {
        try Runtime.check(
            ov_infer_request_infer(request), .runtimeFailed, "A graph of the model could not be run.")
    }

    /// Begins to run the graph.
    func start() throws(ModelError) {
        try Runtime.check(
            ov_infer_request_start_async(request), .runtimeFailed, "A graph of the model could not be run.")
    }

    /// Waits for what `start` began.
    func wait() throws(ModelError) {
        try Runtime.check(ov_infer_request_wait(request), .runtimeFailed, "A graph of the model could not be run.")
    }

    /// A copy of an output's numbers, which must have the shape given.
    func output(_ name: String, shape: [Int]) throws(ModelError) -> [Float] {
        var pointer: OpaquePointer?
        try Runtime.check(
            ov_infer_request_get_tensor(request, name, &pointer), .graphMismatch,
            "A graph of the model has no output named \(name).")
        let tensor = Tensor(owning: try Runtime.made(pointer))
        let computed = try tensor.shape()
        guard computed == shape else {
            throw ModelError(
                code: .outputInvalid,
                message: "A graph of the model computed numbers of the shape \(computed) where \(shape) was expected.")
        }
        return try tensor.floats()
    }
}
