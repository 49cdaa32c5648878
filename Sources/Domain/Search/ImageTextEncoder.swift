/// A dual encoder: pictures and words become vectors of one space, near where they mean the same.
public protocol ImageTextEncoder: Sendable {
    var model: ModelDescription { get }

    /// One unit vector for each text, in order. Texts past the model's context length are truncated.
    func embed(texts: [String]) async throws -> [Embedding]

    /// One unit vector for each picture, in order. Each must be as `model.preprocessing` says.
    func embed(images: [PixelTensor]) async throws -> [Embedding]
}

/// What the rest of the service needs to know of a model.
public struct ModelDescription: Sendable, Hashable {
    public let id: ModelID
    public let name: String
    public let license: String
    public let embeddingDimension: Int
    public let preprocessing: Preprocessing
    public let calibration: ScoreCalibration

    public init(
        id: ModelID, name: String, license: String, embeddingDimension: Int, preprocessing: Preprocessing,
        calibration: ScoreCalibration
    ) {
        self.id = id
        self.name = name
        self.license = license
        self.embeddingDimension = embeddingDimension
        self.preprocessing = preprocessing
        self.calibration = calibration
    }
}

/// How a decoded picture becomes the image tower's input. Read from the model's manifest.
public struct Preprocessing: Sendable, Hashable, Codable {
    public enum Resize: String, Sendable, Hashable, CaseIterable, Codable {
        /// To the square, whatever the aspect.
        case squash
        /// The shorter side to `size`; what sticks out is cut by `crop`.
        case shortestSide = "shortest_side"
        /// The longer side to `size`; the rest is filled with black.
        case longestSidePad = "longest_side_pad"
    }
    public enum Interpolation: String, Sendable, Hashable, CaseIterable, Codable { case bilinear, bicubic, lanczos3 }
    public enum Crop: String, Sendable, Hashable, CaseIterable, Codable { case none, center }
    public enum ColourOrder: String, Sendable, Hashable, CaseIterable, Codable { case rgb = "RGB", bgr = "BGR" }

    /// Side of the square input, in pixels.
    public let size: Int
    public let resize: Resize
    public let interpolation: Interpolation
    public let crop: Crop
    public let colourOrder: ColourOrder
    /// Per channel in `colourOrder`: input = (pixel / 255 - mean) / std.
    public let mean: [Float]
    public let std: [Float]

    public init(
        size: Int, resize: Resize, interpolation: Interpolation, crop: Crop, colourOrder: ColourOrder, mean: [Float],
        std: [Float]
    ) {
        self.size = size
        self.resize = resize
        self.interpolation = interpolation
        self.crop = crop
        self.colourOrder = colourOrder
        self.mean = mean
        self.std = std
    }
}

/// A picture ready for the image tower: 3 x size x size floats, channel by channel (NCHW without the N).
public struct PixelTensor: Sendable {
    public let size: Int
    public let values: [Float]

    public init(size: Int, values: [Float]) {
        precondition(values.count == 3 * size * size)
        self.size = size
        self.values = values
    }
}

/// Turns cosine similarity into the probability that the image matches: 1 / (1 + exp(-(slope * cosine + intercept)))
/// (Platt scaling, 1999).
public struct ScoreCalibration: Sendable, Hashable {
    public let slope: Double
    public let intercept: Double

    public init(slope: Double, intercept: Double) {
        precondition(slope > 0)
        self.slope = slope
        self.intercept = intercept
    }

    /// Relevance, 0...1, rising with similarity.
    public func score(similarity: Float) -> Double {
        1 / (1 + _exp(-(slope * Double(similarity) + intercept)))
    }

    /// The similarity at which the score is `score`; infinite at 0 and 1.
    public func similarity(score: Double) -> Float {
        Float((_log(score / (1 - score)) - intercept) / slope)
    }
}
