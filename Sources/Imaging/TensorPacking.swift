import CPixels
import Domain

extension PixelTensor {
    /// Normalises a picture of at most the model's size: interleaved bytes of grey or RGB to planes of floats in the
    /// model's order. Around a smaller one is black, half of it on each side.
    init(_ pixels: PixelBuffer, _ preprocessing: Preprocessing) throws(ImageReadingError) {
        let size = preprocessing.size
        guard pixels.width <= size, pixels.height <= size, pixels.bands == 1 || pixels.bands == 3 else {
            throw .corrupt(detail: "\(pixels.width)x\(pixels.height), \(pixels.bands) bands")
        }
        let values = [Float](unsafeUninitializedCapacity: 3 * size * size) { values, count in
            for channel in 0..<3 {
                let plane = UnsafeMutableBufferPointer(
                    rebasing: values[channel * size * size..<(channel + 1) * size * size])
                Self.fill(plane, channel, from: pixels, preprocessing)
            }
            count = 3 * size * size
        }
        self.init(size: size, values: values)
    }

    /// (pixel / 255 - mean) / std as one multiplication and one addition for each value.
    private static func fill(
        _ plane: UnsafeMutableBufferPointer<Float>, _ channel: Int, from pixels: PixelBuffer,
        _ preprocessing: Preprocessing
    ) {
        let size = preprocessing.size
        let scale = 1 / (255 * preprocessing.std[channel])
        let bias = -preprocessing.mean[channel] / preprocessing.std[channel]
        let band = pixels.bands == 1 ? 0 : preprocessing.colourOrder == .rgb ? channel : 2 - channel
        guard let from = pixels.samples.baseAddress, let to = plane.baseAddress else { return }
        if pixels.width == size, pixels.height == size {
            imago_plane(from + band, size * size, Int32(pixels.bands), scale, bias, to)
            return
        }
        plane.initialize(repeating: bias)
        let start = (size - pixels.height) / 2 * size + (size - pixels.width) / 2
        for row in 0..<pixels.height {
            imago_plane(
                from + row * pixels.width * pixels.bands + band, pixels.width, Int32(pixels.bands), scale, bias,
                to + start + row * size)
        }
    }
}
