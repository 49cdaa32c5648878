import CVips
import Domain

extension PixelTensor {
    /// Normalises a picture of the model's size: bytes of interleaved RGB to planes of floats in the model's order.
    init(_ picture: VipsPicture, _ preprocessing: Preprocessing) throws(ImageReadingError) {
        let size = preprocessing.size
        guard picture.width == size, picture.height == size, picture.bands == 3,
            picture.format == VIPS_FORMAT_UCHAR
        else {
            throw .corrupt(detail: "\(picture.width)x\(picture.height), \(picture.bands) bands, \(picture.format)")
        }
        let memory = try picture.materialised()
        guard let start = vips_image_get_data(memory.pointer) else { throw VipsRuntime.failure() }
        let pixels = UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self), count: 3 * size * size)
        let values = withExtendedLifetime(memory) { Self.planes(pixels, preprocessing) }
        self.init(size: size, values: values)
    }

    /// (pixel / 255 - mean) / std as one multiplication and one addition for each value.
    static func planes(_ pixels: UnsafeBufferPointer<UInt8>, _ preprocessing: Preprocessing) -> [Float] {
        let area = preprocessing.size * preprocessing.size
        precondition(pixels.count == 3 * area)
        return [Float](unsafeUninitializedCapacity: 3 * area) { values, count in
            for channel in 0..<3 {
                let scale = 1 / (255 * preprocessing.std[channel])
                let bias = -preprocessing.mean[channel] / preprocessing.std[channel]
                let source = preprocessing.colourOrder == .rgb ? channel : 2 - channel
                guard let from = pixels.baseAddress, let to = values.baseAddress else { break }
                let plane = to + channel * area
                for index in 0..<area {
                    (plane + index).initialize(to: Float(from[3 * index + source]) * scale + bias)
                }
            }
            count = 3 * area
        }
    }
}
