import Domain
import Imaging
import Inference
import ModelStore

extension Imago {
    /// The models of a data folder.
    public static func modelStore(dataDirectory: String) -> ModelStore { ModelStore(folder: dataDirectory + "/models") }

    /// The built-in model's folder.
    /// - Throws: `StartError` when it is nowhere.
    public static func builtInModel() throws -> String { try ModelLocation.builtIn() }

    /// Loads a model and runs it once; throws where it would not serve.
    public static func tryOut(model folder: String) async throws {
        try await OpenVINOEncoder(folder: folder, options: EncoderOptions(imageRequests: 1)).warmUp()
    }

    /// Fits a model's score on captioned pictures.
    /// - Parameters:
    ///   - model: the model's folder.
    ///   - pictures: the folder of the pictures that the captions name.
    ///   - rarity: as if one picture in so many matched a query.
    public static func calibrate(
        model: String, captions: CaptionFile, pictures: String, rarity: Double,
        progress: @Sendable (Int, Int) -> Void
    ) async throws -> Calibrator.Outcome {
        let encoder = try await OpenVINOEncoder(folder: model)
        var calibrator = Calibrator(encoder: encoder, reader: try VipsImageReader())
        calibrator.rarity = rarity
        return try await calibrator.calibrate(captions, folder: pictures, progress: progress)
    }
}
