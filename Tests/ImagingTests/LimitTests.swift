import Domain
import LibraryTesting
import Testing

@testable import Imaging

/// Limits are checked by the header, before a pixel is decoded: what is behind these headers could not be.
@Suite struct LimitTests {
    private static let small = ImagingLimits(maximumPixels: 1000, maximumSide: 60)

    @Test func aPNGThatClaimsBillionsOfPixelsIsRefused() async throws {
        // 5 KB of data for what would be 10.8 GB.
        var noise = Picture(plain: [1, 2, 3], width: 40, height: 40)
        noise.samples = noise.samples.indices.map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = Handmade.png(noise, claims: (60_000, 60_000))
        #expect(bytes.count < 5200)
        let error = try await failure(bytes)
        #expect(
            error
                == ImageReadingError(
                    code: .tooLarge,
                    message: "The image has 3600000000 pixels (60000x60000); the limit is 100000000."))
        #expect(try await decodingFailure(bytes) == error)
        #expect(try await failure(Handmade.png(noise, claims: (Int(Int32.max), Int(Int32.max))))?.code == .tooLarge)
        #expect(try await failure(Handmade.png(noise, claims: (0, 5)))?.code == .corrupt)
    }

    @Test(arguments: [(65_500, 65_500), (65_535, 1), (20_000, 20_000)])
    func aJPEGThatDoesToo(width: Int, height: Int) async throws {
        for interlace in ["true", "false"] {
            let honest = try Picture.quarters.encoded("jpegsave_buffer", ["interlace": interlace])
            #expect(try await failure(Handmade.jpeg(honest, claims: (width, height)))?.code == .tooLarge)
        }
    }

    @Test(arguments: FormatTests.samples)
    func everyFormatIsHeldToPixelsAndSides(sample: FormatTests.Sample) async throws {
        let bytes = try Picture.wide.encoded(sample.operation, sample.options)
        // 48 x 32 is 1,536 pixels.
        let fits = ImagingLimits(maximumPixels: 48 * 32, maximumSide: 48)
        if sample.format != .heic, sample.format != .avif, sample.options["tile"] == nil {
            // Their coded pictures and tiles are larger.
            #expect(try await failure(bytes, fits) == nil)
        }
        #expect(
            try await failure(bytes, ImagingLimits(maximumPixels: 48 * 32 - 1))?.message.hasSuffix("the limit is 1535.")
                == true)
        #expect(
            try await failure(bytes, ImagingLimits(maximumSide: 47))?.message.hasSuffix("pixels; the limit is 47.")
                == true)
        #expect(try await decodingFailure(bytes, Self.small)?.code == .tooLarge)
    }

    @Test func filesHaveALargestSize() async throws {
        let bytes = Handmade.png(.quarters)
        #expect(try await failure(bytes, ImagingLimits(maximumBytes: Int64(bytes.count))) == nil)
        #expect(
            try await failure(bytes, ImagingLimits(maximumBytes: Int64(bytes.count - 1)))
                == ImageReadingError(
                    code: .tooLarge,
                    message: "The file has \(bytes.count) bytes; the limit is \(bytes.count - 1)."))
    }

    @Test func aJPEGOfAThousandScansIsRefused() async throws {
        let bytes = try Picture.quarters.encoded("jpegsave_buffer", ["interlace": "true"])
        let scan = try #require(bytes.indices.last { bytes[$0] == 0xFF && bytes[min($0 + 1, bytes.count - 1)] == 0xDA })
        let repeated = Array(bytes[scan..<bytes.count - 2])
        let many = Array(bytes.dropLast(2)) + (0..<200).flatMap { _ in repeated } + [0xFF, 0xD9]
        #expect(try await failure(many)?.code == .corrupt)
    }

    @Test func aTIFFThatBitesItsTailEnds() async throws {
        // One page of one pixel whose next page is itself.
        let entries: [(Int, Int, Int)] = [
            (256, 4, 1), (257, 4, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 0), (277, 3, 1), (278, 4, 1),
            (279, 4, 1),
        ]
        let directory =
            Handmade.little(entries.count, 2)
            + entries.flatMap {
                Handmade.little($0.0, 2) + Handmade.little($0.1, 2) + Handmade.little(1, 4) + Handmade.little($0.2, 4)
            }
        let bytes = Array("II*\0".utf8) + Handmade.little(8, 4) + directory + Handmade.little(8, 4) + [0x80]
        let properties = try? await probe(bytes)
        #expect(properties == nil || properties?.frames == 1)
    }
}
