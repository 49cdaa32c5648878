import CVips
import Domain
import Foundation
import LibraryTesting
import Testing

@testable import Imaging

/// Every format that Imago takes, as encoders write it.
@Suite struct FormatTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let format: ImageFormat
        let operation: String
        var options: [String: String] = [:]
        /// How much a colour may be off.
        var tolerance = 0
        var testDescription: String { "\(format) \(options)" }
    }

    static let samples = [
        Sample(format: .jpeg, operation: "jpegsave_buffer", options: ["Q": "95"], tolerance: 6),
        Sample(format: .jpeg, operation: "jpegsave_buffer", options: ["interlace": "true"], tolerance: 12),
        Sample(format: .jpeg, operation: "jpegsave_buffer", options: ["subsample-mode": "off"], tolerance: 12),
        Sample(format: .png, operation: "pngsave_buffer"),
        Sample(format: .png, operation: "pngsave_buffer", options: ["interlace": "true", "compression": "0"]),
        Sample(format: .webp, operation: "webpsave_buffer", options: ["lossless": "true"]),
        Sample(format: .webp, operation: "webpsave_buffer", options: ["Q": "95"], tolerance: 12),
        Sample(format: .gif, operation: "gifsave_buffer", options: ["dither": "0"], tolerance: 8),
        Sample(format: .tiff, operation: "tiffsave_buffer"),
        Sample(
            format: .tiff, operation: "tiffsave_buffer", options: ["compression": "lzw", "predictor": "horizontal"]),
        Sample(format: .tiff, operation: "tiffsave_buffer", options: ["compression": "deflate", "tile": "true"]),
        Sample(format: .tiff, operation: "tiffsave_buffer", options: ["compression": "packbits", "bigtiff": "true"]),
        Sample(
            format: .tiff, operation: "tiffsave_buffer", options: ["compression": "jpeg", "Q": "95"], tolerance: 12),
        Sample(
            format: .heic, operation: "heifsave_buffer", options: ["compression": "hevc", "Q": "90"], tolerance: 12),
        Sample(format: .avif, operation: "heifsave_buffer", options: ["compression": "av1", "Q": "90"], tolerance: 12),
    ]

    @Test(arguments: samples)
    func isProbedAndDecoded(sample: Sample) async throws {
        let bytes = try Picture.wide.encoded(sample.operation, sample.options)
        let properties = try await probe(bytes)
        #expect(
            properties
                == ImageProperties(
                    format: sample.format, width: 48, height: 32, frames: 1, sizeBytes: Int64(bytes.count)))
        expectNear(try await pixels(bytes).quarters, Colour.quarters, within: sample.tolerance)
    }

    @Test func losslessPixelsComeThroughExactly() async throws {
        var random = SystemRandomNumberGenerator()
        var picture = Picture.quarters
        picture.samples = picture.samples.map { _ in UInt8.random(in: 0...255, using: &random) }
        for (operation, options) in [
            ("pngsave_buffer", [:]), ("webpsave_buffer", ["lossless": "true"]),
            ("tiffsave_buffer", ["compression": "lzw"]),
        ] {
            #expect(
                try await pixels(try picture.encoded(operation, options)).samples == picture.samples, "\(operation)")
        }
        #expect(try await pixels(Handmade.png(picture)).samples == picture.samples)
        let rows = (0..<32).reversed().flatMap { row in
            (0..<32).flatMap { picture.at($0, row).reversed() }
        }
        let bitmap = Bitmaps.file(width: 32, height: 32, depth: 24, pixels: rows)
        #expect(try await pixels(bitmap).samples == picture.samples)
    }

    @Test func greyHasOneValueForThreeChannels() async throws {
        let grey = Picture(quarters: [[10], [90], [170], [250]], width: 32, height: 32)
        for (operation, tolerance) in [("jpegsave_buffer", 4), ("pngsave_buffer", 0), ("tiffsave_buffer", 0)] {
            let bytes = try grey.encoded(operation)
            #expect(try await probe(bytes).width == 32)
            expectNear(
                try await pixels(bytes).quarters, [10, 90, 170, 250].map { [$0, $0, $0] }, within: tolerance,
                "\(operation)")
        }
        // One bit a pixel.
        let bits = Picture(quarters: [[0], [255], [255], [0]], width: 32, height: 32)
        for (operation, option) in [("pngsave_buffer", "bitdepth"), ("tiffsave_buffer", "bitdepth")] {
            let bytes = try bits.encoded(operation, [option: "1"])
            expectNear(
                try await pixels(bytes).quarters, [[0, 0, 0], [255, 255, 255], [255, 255, 255], [0, 0, 0]], within: 0)
        }
    }

    /// Phones name HEIC files `.jpg`, and so on: names and declared types are hints, the bytes decide.
    @Test(arguments: ["jpg", "png", "txt", "svg"])
    func theBytesDecideAndNotTheName(ending: String) async throws {
        let bytes = try Picture.quarters.encoded("webpsave_buffer")
        let file = try ImageFile(bytes)
        let named = file.path + "." + ending
        let reader = try VipsImageReader()
        try FileManager.default.moveItem(atPath: file.path, toPath: named)
        defer { try? FileManager.default.removeItem(atPath: named) }
        #expect(try await reader.probe(path: named).format == .webp)
        #expect(try await reader.pixels(path: named, preprocessing: .plain(size: 8)).size == 8)
    }

    @Test func theInstallationReadsThemAll() {
        #expect(VipsRuntime.supportedFormats() == Set(ImageFormat.allCases))
        #expect(!VipsRuntime.version.isEmpty)
    }

    @Test func aFormatCanBeTurnedOff() async throws {
        let error = try await failure(
            try Picture.quarters.encoded("tiffsave_buffer"), ImagingLimits(formats: [.jpeg, .png]))
        #expect(error?.code == .unsupported && error?.message.contains("(JPEG, PNG)") == true)
    }
}
