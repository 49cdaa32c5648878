import Domain
import Foundation
import LibraryTesting
import Testing

@testable import Imaging

/// Bytes in a file whose name says nothing about them, removed with the last reference.
final class ImageFile: Sendable {
    let path: String

    init(_ bytes: [UInt8]) throws {
        path = FileManager.default.temporaryDirectory.path + "/imago-imaging-\(UInt64.random(in: .min ... .max))"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What reading gives, or why not.
func probe(_ bytes: [UInt8], _ limits: ImagingLimits = ImagingLimits()) async throws -> ImageProperties {
    let file = try ImageFile(bytes)
    return try await VipsImageReader(limits: limits).probe(path: file.path)
}

func failure(_ bytes: [UInt8], _ limits: ImagingLimits = ImagingLimits()) async throws -> ImageReadingError? {
    let file = try ImageFile(bytes)
    do throws(ImageReadingError) {
        _ = try await VipsImageReader(limits: limits).probe(path: file.path)
        return nil
    } catch { return error }
}

/// The error of decoding; nil when the picture can be read.
func decodingFailure(_ bytes: [UInt8], _ limits: ImagingLimits = ImagingLimits()) async throws -> ImageReadingError? {
    let file = try ImageFile(bytes)
    do throws(ImageReadingError) {
        _ = try await VipsImageReader(limits: limits).pixels(path: file.path, preprocessing: .plain(size: 32))
        return nil
    } catch { return error }
}

/// The picture squashed to a square, as RGB bytes.
func pixels(_ bytes: [UInt8], size: Int = 32, _ limits: ImagingLimits = ImagingLimits()) async throws -> Picture {
    let file = try ImageFile(bytes)
    let tensor = try await VipsImageReader(limits: limits).pixels(path: file.path, preprocessing: .plain(size: size))
    return Picture(tensor)
}

func rendition(_ bytes: [UInt8], _ request: RenditionRequest) async throws -> [UInt8] {
    let file = try ImageFile(bytes)
    return try await VipsImageReader().rendition(path: file.path, request)
}

extension Preprocessing {
    /// Pixel values from 0 to 1 and nothing else.
    static func plain(size: Int, _ resize: Resize = .squash, order: ColourOrder = .rgb) -> Preprocessing {
        Preprocessing(
            size: size, resize: resize, interpolation: .bilinear, crop: .none, colourOrder: order, mean: [0, 0, 0],
            std: [1, 1, 1])
    }
}

extension Picture {
    init(_ tensor: PixelTensor) {
        let plane = tensor.size * tensor.size
        self.init(
            width: tensor.size, height: tensor.size, bands: 3,
            samples: (0..<plane * 3).map { UInt8((tensor.values[$0 % 3 * plane + $0 / 3] * 255).rounded()) })
    }
}

/// That each number is near the other: encoders lose some.
func expectNear(
    _ got: [[UInt8]], _ want: [[UInt8]], within tolerance: Int, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let far = zip(got.joined(), want.joined()).contains { abs(Int($0) - Int($1)) > tolerance }
    #expect(
        got.count == want.count && !far, "\(got) is not within \(tolerance) of \(want) \(comment ?? "")",
        sourceLocation: sourceLocation)
}
