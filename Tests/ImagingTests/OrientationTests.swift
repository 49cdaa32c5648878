import Domain
import Foundation
import LibraryTesting
import Testing

@testable import Imaging

/// EXIF orientation (CIPA DC-008, tag 0x0112): what is stored, shown as a viewer shows it.
@Suite struct OrientationTests {
    /// Where the stored quarters (0 to 3: top left, top right, bottom left, bottom right) are seen.
    private static let shown: [Int: [Int]] = [
        1: [0, 1, 2, 3], 2: [1, 0, 3, 2], 3: [3, 2, 1, 0], 4: [2, 3, 0, 1], 5: [0, 2, 1, 3], 6: [2, 0, 3, 1],
        7: [3, 1, 2, 0], 8: [1, 3, 0, 2],
    ]

    @Test(arguments: 1...8)
    func turnsThePicture(orientation: Int) async throws {
        let bytes = Handmade.jpeg(
            try Picture.wide.encoded("jpegsave_buffer", ["strip": "true", "Q": "95"]),
            exif: Handmade.exif(orientation: orientation))
        let properties = try await probe(bytes)
        #expect(properties.width == (orientation < 5 ? 48 : 32) && properties.height == (orientation < 5 ? 32 : 48))
        let want = Self.shown[orientation]!.map { Colour.quarters[$0] }
        expectNear(try await pixels(bytes).quarters, want, within: 8)

        let small = try await rendition(bytes, RenditionRequest(width: 24, height: 24, format: .png))
        let size = try await probe(small)
        #expect(size.width == (orientation < 5 ? 24 : 16) && size.height == (orientation < 5 ? 16 : 24))
        expectNear(try await pixels(small).quarters, want, within: 8)
    }

    @Test(arguments: [0, 9, 99, 65_535])
    func otherNumbersAreUpright(orientation: Int) async throws {
        let bytes = Handmade.jpeg(
            try Picture.wide.encoded("jpegsave_buffer", ["strip": "true"]),
            exif: Handmade.exif(orientation: orientation))
        #expect(try await probe(bytes).width == 48)
        expectNear(try await pixels(bytes).quarters, Colour.quarters, within: 12)
    }

    @Test(arguments: [[0xFF], Array("II*\0".utf8), [UInt8](repeating: 0xFF, count: 100), []])
    func damagedEXIFIsPassedOver(exif: [UInt8]) async throws {
        let bytes = Handmade.jpeg(try Picture.wide.encoded("jpegsave_buffer", ["strip": "true"]), exif: exif)
        #expect(try await probe(bytes).width == 48)
        #expect(try await decodingFailure(bytes) == nil)
    }

    /// Every one of these shows the same landscape; only the first is stored so.
    @Test(.enabled(if: SharedFiles.exist, SharedFiles.absent), arguments: ["Landscape", "Portrait"])
    func photographsOfEveryOrientationLookAlike(kind: String) async throws {
        let upright = try await pixels(try SharedFiles.bytes("exif-orientation/\(kind)_1.jpg"), size: 64)
        for orientation in 2...8 {
            let turned = try await pixels(
                try SharedFiles.bytes("exif-orientation/\(kind)_\(orientation).jpg"), size: 64)
            let difference = zip(upright.samples, turned.samples).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(difference < upright.samples.count * 3, "orientation \(orientation)")
        }
    }
}
