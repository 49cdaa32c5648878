import Domain
import Foundation
import Inference

@testable import ModelStore

/// A catalogue entry for the small CLIP with random weights among the inference tests' fixtures.
enum TinyEntry {
    static let entry = entry()

    static func entry(dimension: Int = 16, imageHash: String? = nil) -> CatalogueEntry {
        CatalogueEntry(
            name: "tiny-clip", summary: "Tiny CLIP", languages: "none",
            license: .init(name: "Tiny License", url: "https://example.com/license", needsConsent: true),
            repository: "org/tiny", image: .init("onnx/vision_model.onnx", as: "image.onnx", sha256: imageHash),
            text: .init("onnx/text_model.onnx", as: "text.onnx"),
            tokenizer: .init("tokenizer.json", as: "tokenizer.json"), dimension: dimension,
            preprocessing: Preprocessing(
                size: 224, resize: .shortestSide, interpolation: .bicubic, crop: .center, colourOrder: .rgb,
                mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711]),
            tokens: .init(contextLength: 77, paddingToken: "<|endoftext|>", fillsContext: false, lowercase: false),
            calibration: ScoreCalibration(slope: 100, intercept: -27), calibrationSource: "a guess", figures: [])
    }

    /// Where the file lies that is called so once it is installed.
    static func path(_ name: String) -> String {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../InferenceTests/Fixtures").standardized.path
        return switch name {
        case "image.onnx": fixtures + "/random/clip-image.onnx"
        case "text.onnx": fixtures + "/random/clip-text.onnx"
        default: fixtures + "/tokenizers/clip.json"
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path(name)))) }

    /// Runs the model once.
    @Sendable static func load(_ folder: String) async throws {
        let encoder = try await OpenVINOEncoder(
            folder: folder, options: EncoderOptions(precision: .f32, imageRequests: 1))
        _ = try await encoder.embed(texts: ["a red car"])
    }
}

/// A folder that goes with the object.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "imago-store-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
