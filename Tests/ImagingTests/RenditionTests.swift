import CVips
import Domain
import LibraryTesting
import Testing

@testable import Imaging

/// Smaller copies for display.
@Suite struct RenditionTests {
    @Test(arguments: [
        (RenditionRequest.Fit.contain, 20, 20, 20, 10), (.contain, 10, 50, 10, 5), (.contain, 80, 80, 40, 20),
        (.cover, 10, 10, 10, 10), (.cover, 20, 10, 20, 10), (.cover, 80, 10, 40, 10), (.cover, 80, 80, 40, 20),
        (.contain, 1, 1, 1, 1), (.cover, 1, 1, 1, 1),
    ])
    func sizes(fit: RenditionRequest.Fit, width: Int, height: Int, gotWidth: Int, gotHeight: Int) async throws {
        let bytes = Handmade.png(Picture(quarters: Colour.quarters, width: 40, height: 20))
        let small = try await rendition(
            bytes, RenditionRequest(width: width, height: height, fit: fit, format: .png))
        let properties = try await probe(small)
        #expect(properties.width == gotWidth && properties.height == gotHeight && properties.format == .png)
    }

    @Test(arguments: [
        (RenditionRequest.Format.webp, ImageFormat.webp), (.jpeg, .jpeg), (.png, .png), (.avif, .avif),
    ])
    func formats(format: RenditionRequest.Format, expected: ImageFormat) async throws {
        let bytes = Handmade.png(.wide)
        let copy = try await rendition(bytes, RenditionRequest(width: 24, height: 24, format: format, quality: 95))
        let properties = try await probe(copy)
        #expect(properties.format == expected && properties.width == 24 && properties.height == 16)
        expectNear(try await pixels(copy).quarters, Colour.quarters, within: format == .png ? 2 : 14)
    }

    @Test func opacityIsKeptWhereTheFormatHasIt() async throws {
        let clear = Handmade.png(Picture(plain: [200, 0, 0, 0]))
        for format in RenditionRequest.Format.allCases {
            let copy = try await rendition(clear, RenditionRequest(width: 8, height: 8, format: format))
            let file = try ImageFile(copy)
            let source = try PictureSource(path: file.path, limits: ImagingLimits())
            #expect(try source.open(shrink: 1).0.plain(.kept).hasAlpha == (format != .jpeg), "\(format)")
            expectNear([try await pixels(copy).at(4, 4)], [[255, 255, 255]], within: 3)
        }
    }

    @Test func nothingOfTheOriginalsMetadataIsInIt() async throws {
        let secret = "51.4778N 0.0015W"
        let bytes = Handmade.jpeg(
            try Picture.quarters.encoded("jpegsave_buffer", ["strip": "true"]), exif: Handmade.exif(description: secret)
        )
        #expect(String(decoding: bytes, as: UTF8.self).contains(secret))
        for format in RenditionRequest.Format.allCases {
            let copy = try await rendition(bytes, RenditionRequest(width: 16, height: 16, format: format))
            #expect(!String(decoding: copy, as: UTF8.self).contains("51.4778"), "\(format)")
        }
        // Nor what hangs behind the picture.
        let copy = try await rendition(
            bytes + Array("PK\u{3}\u{4}<script>".utf8), RenditionRequest(width: 16, height: 16, format: .jpeg))
        #expect(!String(decoding: copy, as: UTF8.self).contains("<script>"))
    }

    @Test func sizesHaveALimit() async throws {
        let file = try ImageFile(Handmade.png(.quarters))
        let reader = try VipsImageReader(limits: ImagingLimits(maximumRenditionSide: 100))
        for (width, height) in [(101, 10), (10, 101), (0, 10), (10, -1)] {
            await #expect(throws: ImageReadingError.self) {
                _ = try await reader.rendition(path: file.path, RenditionRequest(width: width, height: height))
            }
        }
        _ = try await reader.rendition(path: file.path, RenditionRequest(width: 100, height: 100))
    }

    @Test func extremeShapesStayWhole() async throws {
        for (width, height) in [(1, 2000), (2000, 1)] {
            let bytes = Handmade.png(Picture(plain: Colour.blue, width: width, height: height))
            let copy = try await rendition(bytes, RenditionRequest(width: 100, height: 100, format: .png))
            let properties = try await probe(copy)
            #expect(max(properties.width, properties.height) == 100 && min(properties.width, properties.height) == 1)
            #expect(try await pixels(bytes).at(3, 3) == Colour.blue)
        }
    }
}
