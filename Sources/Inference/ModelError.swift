/// Why a model can't be loaded or gave no answer.
///
/// `message` is one sentence for the person who runs the service; `detail`, where there is one, is what the runtime or
/// the system said. Neither is meant for API clients.
public struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// The folder has no readable manifest.
        case manifestMissing = "model_manifest_missing"
        /// The manifest is no JSON, or something in it is missing, unknown or out of range.
        case manifestInvalid = "model_manifest_invalid"
        /// A file that the manifest names is not there, or is no plain file of the folder.
        case fileMissing = "model_file_missing"
        /// A file is not the one the manifest describes: another size or another SHA-256.
        case fileChanged = "model_file_changed"
        /// A file's content can't be used, for instance a vocabulary without `[CLS]`.
        case fileInvalid = "model_file_invalid"
        /// The runtime can't read or compile a graph.
        case graphUnreadable = "model_graph_unreadable"
        /// A graph's inputs or outputs are not what the manifest says.
        case graphMismatch = "model_graph_mismatch"
        /// What was to be embedded does not fit the model.
        case inputInvalid = "model_input_invalid"
        /// A graph computed something that is no embedding: another shape, or numbers that are not finite.
        case outputInvalid = "model_output_invalid"
        /// The runtime failed.
        case runtimeFailed = "model_runtime_failed"
    }

    public let code: Code
    public let message: String
    public let detail: String?

    public init(code: Code, message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    public var description: String {
        "\(message) (\(code.rawValue)\(detail.map { ": \($0)" } ?? ""))"
    }
}
