import Domain
import Synchronization

/// A dual encoder small enough to follow by hand: a picture is its mean colour, a text is the colours it names.
package final class ColourEncoder: ImageTextEncoder {
    package struct Broken: Error {}

    package let model = ModelDescription(
        id: ModelID(rawValue: "colours-1"), name: "Colours", license: "none", embeddingDimension: 8,
        preprocessing: Preprocessing(
            size: 8, resize: .squash, interpolation: .bilinear, crop: .none, colourOrder: .rgb, mean: [0, 0, 0],
            std: [1, 1, 1]),
        calibration: ScoreCalibration(slope: 12, intercept: -8))

    private let broken = Mutex(false)
    /// While true, every call throws.
    package var isBroken: Bool {
        get { broken.withLock { $0 } }
        set { broken.withLock { $0 = newValue } }
    }

    package init() {}

    package func embed(texts: [String]) async throws -> [Embedding] {
        if isBroken { throw Broken() }
        return texts.map { text in
            var vector = [Float](repeating: 0, count: 8)
            // What names no colour is near nothing.
            vector[7] = 0.01
            for (position, name) in ["red", "green", "blue"].enumerated() where text.contains(name) {
                vector[position] = 1
            }
            if text.contains("white") { for position in 0..<3 { vector[position] = 1 } }
            return Embedding(normalizing: vector)!
        }
    }

    package func embed(images: [PixelTensor]) async throws -> [Embedding] {
        if isBroken { throw Broken() }
        return images.map { picture in
            let plane = picture.size * picture.size
            var vector = [Float](repeating: 0, count: 8)
            for channel in 0..<3 {
                vector[channel] = picture.values[channel * plane..<(channel + 1) * plane].reduce(0, +) / Float(plane)
            }
            // Black has a direction too.
            vector[6] = 0.01
            return Embedding(normalizing: vector)!
        }
    }
}
