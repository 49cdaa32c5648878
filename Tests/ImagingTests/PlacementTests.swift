import Domain
import LibraryTesting
import Testing

@testable import Imaging

/// How a picture is brought to the model's square.
@Suite struct PlacementTests {
    private func placement(_ resize: Preprocessing.Resize, _ width: Int, _ height: Int) -> Placement {
        Placement(.plain(size: 100, resize), source: PixelSize(width: width, height: height))
    }

    @Test func squashing() {
        let got = placement(.squash, 400, 200)
        #expect(got.scaled == PixelSize(width: 100, height: 100) && got.columns == 0..<100 && got.rows == 0..<100)
    }

    @Test func shortestSideCutsAroundTheMiddle() {
        let wide = placement(.shortestSide, 400, 200)
        #expect(wide.scaled == PixelSize(width: 200, height: 100) && wide.columns == 50..<150 && wide.rows == 0..<100)
        let tall = placement(.shortestSide, 200, 401)
        #expect(tall.scaled == PixelSize(width: 100, height: 200) && tall.rows == 50..<150)
        // Small pictures are enlarged.
        #expect(placement(.shortestSide, 10, 20).scaled == PixelSize(width: 100, height: 200))
    }

    @Test func longestSideIsPaddedWithBlack() async throws {
        let wide = placement(.longestSidePad, 400, 200)
        #expect(wide.scaled == PixelSize(width: 100, height: 50) && wide.window == wide.scaled)
        #expect(placement(.longestSidePad, 1, 5000).scaled == PixelSize(width: 1, height: 100))

        let file = try ImageFile(Handmade.png(Picture(plain: Colour.white, width: 40, height: 20)))
        let tensor = try await VipsImageReader().pixels(
            path: file.path, preprocessing: .plain(size: 20, .longestSidePad))
        let picture = Picture(tensor)
        #expect(picture.at(10, 4) == [0, 0, 0] && picture.at(10, 5) == Colour.white)
        #expect(picture.at(10, 14) == Colour.white && picture.at(10, 15) == [0, 0, 0])
    }

    /// A picture must not move when it is decoded at a reduced size.
    @Test func shrinkingOnLoadKeepsThingsInPlace() async throws {
        let picture = Picture(quarters: Colour.quarters, width: 2048, height: 1536)
        for (operation, options) in [
            ("jpegsave_buffer", ["Q": "95"]), ("webpsave_buffer", ["Q": "95"]),
            ("pngsave_buffer", ["compression": "1"]),
        ] {
            let small = try await pixels(try picture.encoded(operation, options), size: 64)
            expectNear(small.quarters, Colour.quarters, within: 8, "\(operation)")
            // The border between the quarters is in the middle, to a pixel.
            expectNear([small.at(30, 10), small.at(33, 10)], [Colour.red, Colour.green], within: 14, "\(operation)")
            expectNear([small.at(10, 30), small.at(10, 33)], [Colour.red, Colour.blue], within: 14, "\(operation)")
        }
    }
}
