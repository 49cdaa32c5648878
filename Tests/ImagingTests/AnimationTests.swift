import Domain
import LibraryTesting
import Testing

@testable import Imaging

/// Files of several frames: the first one is the picture.
@Suite struct AnimationTests {
    private static let colours: [[UInt8]] = [Colour.red, Colour.green, Colour.blue]

    private static func gif(_ count: Int, screen: (Int, Int) = (24, 16)) -> [UInt8] {
        Handmade.gif(
            screen: screen, colours: colours,
            frames: (0..<count).map { Handmade.Frame(width: 24, height: 16, colour: UInt8($0 % 3)) })
    }

    @Test func ofAGIFTheFirstFrameIsShownAndAllAreCounted() async throws {
        let bytes = Self.gif(3)
        #expect(
            try await probe(bytes)
                == ImageProperties(format: .gif, width: 24, height: 16, frames: 3, sizeBytes: Int64(bytes.count)))
        #expect(try await pixels(bytes).at(9, 9) == Colour.red)
    }

    @Test func ofAnAnimatedPNGToo() async throws {
        let control = Handmade.chunk("acTL", Handmade.big(12) + Handmade.big(0))
        let bytes = Handmade.png(Picture.quarters, extra: control)
        #expect(try await probe(bytes).frames == 12)
        #expect(try await pixels(bytes).quarters == Colour.quarters)
    }

    @Test(arguments: ["webpsave_buffer", "gifsave_buffer", "tiffsave_buffer"])
    func ofOthersToo(operation: String) async throws {
        // Three pages, one below the other.
        let strip = Picture(
            width: 24, height: 48, bands: 3,
            samples: Self.colours.flatMap { Picture(plain: $0, width: 24, height: 16).samples })
        let bytes = try strip.encoded(
            operation,
            ["page-height": "16"].merging(operation == "webpsave_buffer" ? ["lossless": "true"] : [:]) { a, _ in a })
        let properties = try await probe(bytes)
        #expect(properties.width == 24 && properties.height == 16 && properties.frames == 3)
        expectNear([try await pixels(bytes).at(9, 9)], [Colour.red], within: 4)
    }

    @Test func tooManyFramesAreRefused() async throws {
        let limits = ImagingLimits(maximumFrames: 5)
        #expect(try await failure(Self.gif(5), limits) == nil)
        #expect(
            try await failure(Self.gif(6), limits)
                == ImageReadingError(code: .tooLarge, message: "The image has 6 frames; the limit is 5."))
        let control = Handmade.chunk("acTL", Handmade.big(Int(UInt32.max)) + Handmade.big(0))
        #expect(try await failure(Handmade.png(.quarters, extra: control))?.code == .tooLarge)
    }

    @Test func aFrameThatSticksOutOfItsScreenCounts() async throws {
        let lying = Handmade.gif(
            screen: (10, 10), colours: Self.colours, frames: [Handmade.Frame(width: 60_000, height: 60_000, colour: 0)])
        #expect(try await failure(lying)?.code == .tooLarge)
        let shifted = Handmade.gif(
            screen: (10, 10), colours: Self.colours,
            frames: [Handmade.Frame(left: 60_000, top: 60_000, width: 10, height: 10, colour: 0)])
        #expect(try await failure(shifted)?.code == .tooLarge)
        let later = Handmade.gif(
            screen: (10, 10), colours: Self.colours,
            frames: [
                Handmade.Frame(width: 10, height: 10, colour: 0),
                Handmade.Frame(width: 60_000, height: 60_000, colour: 0),
            ])
        #expect(try await failure(later)?.code == .tooLarge)
        let screen = Handmade.gif(
            screen: (65_535, 65_535), colours: Self.colours, frames: [Handmade.Frame(width: 4, height: 4, colour: 0)])
        #expect(try await failure(screen)?.code == .tooLarge)
    }
}
