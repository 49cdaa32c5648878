import CVips
import Domain
import Foundation
import LibraryTesting
import Testing

@testable import Imaging

/// Pictures in other colours than sRGB bytes.
@Suite struct ColourTests {
    /// Display P3 to sRGB, both with sRGB's curve: the reference that decoding is held to.
    private static func sRGB(displayP3 colour: [UInt8]) -> [UInt8] {
        let linear = colour.map { byte -> Double in
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let matrix = [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]]
        return matrix.map { row in
            let value = min(1, max(0, zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 }))
            let encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055
            return UInt8((encoded * 255).rounded())
        }
    }

    private static func with(profile: [UInt8]) -> (VipsPicture) throws -> VipsPicture {
        { picture in
            let copy = try picture.applying { imago_retag($0, picture.interpretation) }
            profile.withUnsafeBytes {
                vips_image_set_blob_copy(copy.pointer, "icc-profile-data", $0.baseAddress, $0.count)
            }
            return copy
        }
    }

    @Test(arguments: ["jpegsave_buffer", "pngsave_buffer", "webpsave_buffer", "tiffsave_buffer"])
    func aWideProfileIsConverted(operation: String) async throws {
        let colours: [[UInt8]] = [[200, 60, 60], [60, 180, 90], [70, 80, 200], [128, 128, 128]]
        let picture = Picture(quarters: colours, width: 32, height: 32)
        var options = ["webpsave_buffer": ["lossless": "true"], "jpegsave_buffer": ["Q": "98"]][operation] ?? [:]
        options["strip"] = "false"
        let bytes = try picture.encoded(operation, options, Self.with(profile: try VipsWriter.profile("p3")))
        let got = try await pixels(bytes).quarters
        expectNear(got, colours.map(Self.sRGB), within: operation == "jpegsave_buffer" ? 5 : 3)
        // Or nothing would have been converted.
        #expect(abs(Int(got[0][0]) - 200) > 8)
    }

    @Test func sRGBStaysAsItIs() async throws {
        let bytes = try Picture.quarters.encoded(
            "pngsave_buffer", [:], Self.with(profile: try VipsWriter.profile("srgb")))
        #expect(try await pixels(bytes).quarters == Colour.quarters)
    }

    @Test func aProfileThatIsNoneIsPassedOver() async throws {
        let garbage = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let bytes = try Picture.quarters.encoded("jpegsave_buffer", ["Q": "95"], Self.with(profile: garbage))
        expectNear(try await pixels(bytes).quarters, Colour.quarters, within: 8)
        // One for another kind of picture.
        let grey = Picture(plain: [100])
        let odd = try grey.encoded("pngsave_buffer", [:], Self.with(profile: try VipsWriter.profile("cmyk")))
        expectNear([try await pixels(odd).at(5, 5)], [[100, 100, 100]], within: 0)
    }

    @Test(arguments: ["jpegsave_buffer", "tiffsave_buffer"])
    func inksBecomeLight(operation: String) async throws {
        // Paper, cyan, yellow, black.
        let inks = Picture(
            quarters: [[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 255, 0], [0, 0, 0, 255]], width: 32, height: 32)
        let bytes = try inks.encoded(
            operation, operation == "jpegsave_buffer" ? ["Q": "98"] : [:], as: VIPS_INTERPRETATION_CMYK)
        #expect(try await probe(bytes).format == (operation == "jpegsave_buffer" ? .jpeg : .tiff))
        let got = try await pixels(bytes).quarters.map { $0.map(Int.init) }
        #expect(got[0].allSatisfy { $0 > 245 }, "paper: \(got[0])")
        #expect(got[1][0] < 90 && got[1][2] > 180, "cyan: \(got[1])")
        #expect(got[2][0] > 200 && got[2][2] < 90, "yellow: \(got[2])")
        #expect(got[3].allSatisfy { $0 < 70 }, "black: \(got[3])")
    }

    @Test func sixteenBitsKeepTheirUpperHalf() async throws {
        let colours: [[UInt8]] = [[200, 60, 60], [0, 255, 1], [127, 128, 129], [254, 255, 3]]
        for bands in [1, 3] {
            let picture = Picture(
                quarters: colours.map { Array($0.prefix(bands)) }, width: 32, height: 32)
            let bytes = Handmade.png(picture, depth: 16)
            let want = bands == 3 ? colours : colours.map { [$0[0], $0[0], $0[0]] }
            #expect(try await pixels(bytes).quarters == want)
        }
        let tiff = try Picture(quarters: colours, width: 32, height: 32).encoded("tiffsave_buffer") { picture in
            let short = try picture.applying { imago_cast($0, VIPS_FORMAT_USHORT, 1) }
            return try short.applying { imago_retag($0, VIPS_INTERPRETATION_RGB16) }
        }
        expectNear(try await pixels(tiff).quarters, colours, within: 0)
    }

    @Test(arguments: ["pngsave_buffer", "webpsave_buffer", "tiffsave_buffer", "heifsave_buffer"])
    func opacityIsOnWhite(operation: String) async throws {
        let picture = Picture(
            quarters: [[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 128], [10, 20, 30, 255]], width: 32, height: 32)
        var options = ["webpsave_buffer": ["lossless": "true"]][operation] ?? [:]
        if operation == "heifsave_buffer" { options = ["compression": "av1", "Q": "95"] }
        let bytes = try picture.encoded(operation, options)
        expectNear(
            try await pixels(bytes).quarters, [[200, 0, 0], [255, 255, 255], [127, 127, 127], [10, 20, 30]],
            within: operation == "heifsave_buffer" ? 12 : 1)
    }

    @Test func opacityOverGreyIsOnWhiteToo() async throws {
        let picture = Picture(quarters: [[200, 255], [200, 0], [0, 128], [9, 255]], width: 32, height: 32)
        expectNear(
            try await pixels(Handmade.png(picture)).quarters, [200, 255, 127, 9].map { [$0, $0, $0] }, within: 1)
    }

    @Test func channelsComeInTheModelsOrder() async throws {
        let file = try ImageFile(Handmade.png(Picture(plain: [255, 128, 0])))
        let tensor = try await VipsImageReader().pixels(path: file.path, preprocessing: .plain(size: 8, order: .bgr))
        #expect(tensor.values[0] == 0 && tensor.values[64] == 128.0 / 255 && tensor.values[128] == 1)
    }
}
