internal import COpenVINO

/// The inference runtime: reads graphs and compiles them for the processor. Calls block.
///
/// `@unchecked`: the runtime's core guards itself and may be used from several threads at once (OpenVINO, "ov::Core"),
/// and the pointer never changes.
final class InferenceRuntime: @unchecked Sendable {
    static let device = "CPU"
    private let core: OpaquePointer
    /// The runtime's own version, for instance `2026.4.1-22982-...`.
    let version: String

    init() throws(ModelError) {
        var made: OpaquePointer?
        try Runtime.check(ov_core_create(&made), .runtimeFailed, "The inference runtime could not be started.")
        core = try Runtime.made(made)
        var version = ov_version_t()
        guard ov_get_openvino_version(&version) == Runtime.success, let text = version.buildNumber else {
            self.version = "unknown"
            return
        }
        self.version = String(cString: text)
        ov_version_free(&version)
    }

    deinit { ov_core_free(core) }

    /// What the processor computes natively, for instance `FP32`, `BF16`, `INT8`.
    func capabilities() throws(ModelError) -> Set<String> {
        var value: UnsafeMutablePointer<CChar>?
        try Runtime.check(
            ov_core_get_property(core, Self.device, "OPTIMIZATION_CAPABILITIES", &value), .runtimeFailed,
            "The inference runtime does not know this processor.")
        guard let value else { return [] }
        defer { ov_free(value) }
        return Set(String(cString: value).split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init))
    }

    /// Reads a graph and compiles it.
    /// - Parameters:
    ///   - graph: path of an ONNX file, or of an OpenVINO IR file with its `weights`.
    ///   - properties: the runtime's own names and values.
    func compile(graph: String, weights: String?, properties: [String: String]) throws(ModelError) -> CompiledGraph {
        try withModel(graph: graph, weights: weights) { (model) throws(ModelError) in
            var compiled: OpaquePointer?
            let status = Self.withProperties(properties) {
                ov_core_compile_model_props(core, model, Self.device, $0.count, $0.baseAddress, &compiled)
            }
            try Runtime.check(
                status, .graphUnreadable, "A graph of the model can't be compiled for this processor.")
            return CompiledGraph(owning: try Runtime.made(compiled), runtime: self)
        }
    }

    /// Lends what a graph's file says to the body.
    func withModel<Value>(
        graph: String, weights: String?, _ body: (OpaquePointer?) throws(ModelError) -> Value
    ) throws(ModelError) -> Value {
        var model: OpaquePointer?
        try Runtime.check(
            ov_core_read_model(core, graph, weights, &model), .graphUnreadable,
            "A graph of the model can't be read: it is damaged or of an unknown kind.")
        defer { ov_model_free(model) }
        return try body(model)
    }

    private static func withProperties<Result>(
        _ properties: [String: String], _ body: (UnsafeBufferPointer<ov_property_t>) -> Result
    ) -> Result {
        let texts = properties.map { (key: strdup($0.key), value: strdup($0.value)) }
        defer {
            for text in texts {
                free(text.key)
                free(text.value)
            }
        }
        return texts.map { ov_property_t(key: $0.key, value: UnsafeRawPointer($0.value)) }
            .withUnsafeBufferPointer(body)
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the runtime says that a call failed.
enum Runtime {
    static let success = ov_status_e(rawValue: 0)

    /// Throws unless the call succeeded, with what the runtime says of it as the detail.
    static func check(_ status: ov_status_e, _ code: ModelError.Code, _ message: String) throws(ModelError) {
        guard status != success else { return }
        var detail = String(cString: ov_get_error_info(status))
        if let text = ov_get_last_err_msg() {
            detail += ": " + String(cString: text)
            ov_free(text)
        }
        throw ModelError(code: code, message: message, detail: detail)
    }

    /// The object that a successful call made.
    static func made(_ pointer: OpaquePointer?) throws(ModelError) -> OpaquePointer {
        guard let pointer else {
            throw ModelError(code: .runtimeFailed, message: "The inference runtime made nothing.")
        }
        return pointer
    }
}
