import Domain

/// A model that any test can predict: a picture's vector is its mean colour, a text's the colours it names.
struct ColourEncoder: ImageTextEncoder {
    static let dimension = 64

    let model = ModelDescription(
        id: ModelID(rawValue: "colour-1"), name: "Colours", license: "none", embeddingDimension: dimension,
        preprocessing: Preprocessing(
            size: 8, resize: .squash, interpolation: .bilinear, crop: .none, colourOrder: .rgb, mean: [0, 0, 0],
            std: [1, 1, 1]),
        calibration: ScoreCalibration(slope: 20, intercept: -14))

    func embed(texts: [String]) async throws -> [Embedding] {
        texts.map { text in
            Self.embedding(["red", "green", "blue"].map { text.contains($0) ? 1 : 0.01 })
        }
    }

    func embed(images: [PixelTensor]) async throws -> [Embedding] {
        images.map { image in
            let plane = image.size * image.size
            return Self.embedding(
                (0..<3).map { image.values[$0 * plane..<($0 + 1) * plane].reduce(0, +) / Float(plane) + 0.01 })
        }
    }

    static func embedding(_ colour: [Float]) -> Embedding {
        Embedding(normalizing: colour + [Float](repeating: 0, count: dimension - 3))!
    }
}
