import CPixels
import Domain

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One axis of a resampling: which input pixels make each output pixel, and how much each counts.
///
/// The kernels are Pillow's: widened when shrinking, so that every input pixel counts, cut and renormalised at the
/// edges (Turkowski, "Filters for Common Resampling Tasks", 1990; Keys, "Cubic Convolution Interpolation", 1981, with
/// a = -0.5).
struct ResamplingAxis {
    private let starts: [Int32]
    private let counts: [Int32]
    private let weights: [Float]
    private let stride: Int

    /// - Parameters:
    ///   - available: input pixels that there are.
    ///   - extent: length of the whole picture in input pixels. After a coarse shrink it needs not be whole.
    ///   - scaled: output pixels that the whole picture becomes.
    ///   - window: those of them that are wanted.
    init(
        _ filter: Preprocessing.Interpolation, available: Int, extent: Double, scaled: Int, window: Range<Int>
    ) {
        let step = extent / Double(scaled)
        let widening = max(1, step)
        let support = filter.support * widening
        stride = min(available, Int(support.rounded(.up)) * 2 + 1)
        var starts: [Int32] = []
        var counts: [Int32] = []
        var weights = [Float](repeating: 0, count: window.count * stride)
        for (index, position) in window.enumerated() {
            let centre = (Double(position) + 0.5) * step
            let first = min(available - 1, max(0, Int(centre - support + 0.5)))
            let end = min(available, first + stride, max(first + 1, Int(centre + support + 0.5)))
            let raw = (first..<end).map { filter.weight((Double($0) + 0.5 - centre) / widening) }
            let sum = raw.reduce(0, +)
            for (tap, weight) in raw.enumerated() {
                // Past the edge of a shrunk picture no pixel may be near enough: then the last one stands for all.
                weights[index * stride + tap] = sum == 0 ? (tap == 0 ? 1 : 0) : Float(weight / sum)
            }
            starts.append(Int32(first))
            counts.append(Int32(end - first))
        }
        (self.starts, self.counts, self.weights) = (starts, counts, weights)
    }

    fileprivate func withPointers<Result>(_ body: (imago_axis) -> Result) -> Result {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    body(
                        imago_axis(
                            starts: starts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress,
                            stride: Int32(stride), size: Int32(starts.count)))
                }
            }
        }
    }
}

extension PixelBuffer {
    /// Resamples into a new buffer, turned as the EXIF orientation asks.
    func resampled(
        across: ResamplingAxis, down: ResamplingAxis, size: PixelSize, orientation: Orientation
    ) throws(ImageReadingError) -> PixelBuffer {
        let upright = orientation.swaps ? size.swapped : size
        let result = try PixelBuffer(width: upright.width, height: upright.height, bands: bands)
        // Where the pixel after this one of the file goes, along and down.
        let (pixel, row) = (bands, upright.width * bands)
        var (stepX, stepY) = orientation.swaps ? (row, pixel) : (pixel, row)
        var origin = 0
        if orientation.mirrorsX { (origin, stepX) = (origin + stepX * (size.width - 1), -stepX) }
        if orientation.mirrorsY { (origin, stepY) = (origin + stepY * (size.height - 1), -stepY) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width * bands + 4) { scratch in
            across.withPointers { across in
                down.withPointers { down in
                    imago_resample(
                        samples.baseAddress, width, Int32(bands), across, down, scratch.baseAddress,
                        result.samples.baseAddress.map { $0 + origin }, stepX, stepY)
                }
            }
        }
        return result
    }
}

extension Preprocessing.Interpolation {
    /// How far the kernel reaches from its middle, in output pixels when shrinking.
    fileprivate var support: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos3: 3
        }
    }

    fileprivate func weight(_ offset: Double) -> Double {
        let distance = abs(offset)
        guard distance < support else { return 0 }
        switch self {
        case .bilinear: return 1 - distance
        case .bicubic:
            return distance < 1
                ? (1.5 * distance - 2.5) * distance * distance + 1
                : ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
        case .lanczos3: return Self.sinc(distance) * Self.sinc(distance / 3)
        }
    }

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(x * .pi) / (x * .pi)
    }
}
