import Domain
import LibraryTesting
import Testing

@testable import Imaging

/// BMP, which has a decoder of its own: pictures of 2 x 2 pixels, red and green above blue and white.
@Suite struct BitmapTests {
    private static let colours: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]
    private static let palette = Bitmaps.palette(colours)

    private func expectQuarters(_ bytes: [UInt8], within tolerance: Int = 0, _ comment: Comment) async throws {
        let properties = try await probe(bytes)
        #expect(
            properties == ImageProperties(format: .bmp, width: 2, height: 2, frames: 1, sizeBytes: Int64(bytes.count)),
            comment)
        let picture = try await pixels(bytes, size: 2)
        expectNear(
            [picture.at(0, 0), picture.at(1, 0), picture.at(0, 1), picture.at(1, 1)], Self.colours, within: tolerance,
            comment)
    }

    @Test(arguments: [1, 2, 4, 8])
    func palettes(depth: Int) async throws {
        func pack(_ first: UInt8, _ second: UInt8) -> [UInt8] {
            Bitmaps.row(depth == 8 ? [first, second] : [first << (8 - depth) | second << (8 - 2 * depth)])
        }
        if depth == 1 {
            let two = Bitmaps.file(
                width: 2, height: 2, depth: 1, palette: Bitmaps.palette([[9, 8, 7], [250, 1, 2]]),
                pixels: pack(1, 0) + pack(0, 1))
            let picture = try await pixels(two, size: 2)
            #expect(
                picture.at(0, 0) == [9, 8, 7] && picture.at(1, 0) == [250, 1, 2] && picture.at(0, 1) == [250, 1, 2])
            return
        }
        for header in [12, 16, 40, 64, 108, 124] where depth != 2 || header == 40 {
            let entry = header == 12 ? 3 : 4
            let all = Bitmaps.palette(
                Self.colours + Array(repeating: [7, 7, 7], count: (1 << depth) - 4), entry: entry)
            try await expectQuarters(
                Bitmaps.file(
                    header: header, width: 2, height: 2, depth: depth, palette: all, pixels: pack(2, 3) + pack(0, 1)),
                "header of \(header) bytes")
        }
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: -2, depth: depth,
                palette: Bitmaps.palette(Self.colours + Array(repeating: [7, 7, 7], count: (1 << depth) - 4)),
                pixels: pack(0, 1) + pack(2, 3)), "top down")
    }

    @Test func trueColour() async throws {
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: 2, depth: 24,
                pixels: Bitmaps.row([255, 0, 0, 255, 255, 255]) + Bitmaps.row([0, 0, 255, 0, 255, 0])), "24 bits")
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: 2, depth: 32,
                pixels: [255, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 255, 0, 9]), "32 bits")
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: 2, depth: 16,
                pixels: [0x001F, 0x7FFF, 0x7C00, 0x03E0].flatMap { Handmade.little($0, 2) }), "5 bits each")
        let masks = [0xF800, 0x07E0, 0x001F].flatMap { Handmade.little($0, 4) }
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: 2, depth: 16, compression: 3, masks: masks,
                pixels: [0x001F, 0xFFFF, 0xF800, 0x07E0].flatMap { Handmade.little($0, 2) }), "5, 6 and 5 bits")
    }

    @Test func opacityIsOnWhiteAndOneThatIsNowhereIsNone() async throws {
        let masks = [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000].flatMap { Handmade.little($0, 4) }
        func file(_ alphas: [UInt8]) -> [UInt8] {
            Bitmaps.file(
                header: 108, width: 2, height: 2, depth: 32, compression: 3, masks: masks,
                pixels: alphas.flatMap { [0, 0, 200, $0] })
        }
        let clear = try await pixels(file([0, 255, 128, 255]), size: 2)
        expectNear(
            [clear.at(0, 1), clear.at(1, 1), clear.at(0, 0)], [[255, 255, 255], [200, 0, 0], [227, 127, 127]], within: 1
        )
        #expect(try await pixels(file([0, 0, 0, 0]), size: 2).at(0, 0) == [200, 0, 0])
    }

    @Test func runs() async throws {
        let palette8 = Bitmaps.palette(Self.colours + Array(repeating: [7, 7, 7], count: 252))
        func rle8(_ codes: [UInt8]) -> [UInt8] {
            Bitmaps.file(width: 2, height: 2, depth: 8, compression: 1, palette: palette8, pixels: codes)
        }
        try await expectQuarters(rle8([1, 2, 1, 3, 0, 0, 1, 0, 1, 1, 0, 1]), "runs of one")
        // A literal needs at least three pixels; what sticks out of the row is dropped.
        try await expectQuarters(rle8([0, 3, 2, 3, 3, 0, 0, 0, 0, 3, 0, 1, 1, 0, 0, 1]), "literals")
        let skipped = try await pixels(rle8([0, 2, 1, 1, 1, 2, 0, 1]), size: 2)
        #expect(skipped.at(0, 0) == Self.colours[0] && skipped.at(1, 0) == Self.colours[2])
        let palette4 = Bitmaps.palette(Self.colours + Array(repeating: [7, 7, 7], count: 12))
        try await expectQuarters(
            Bitmaps.file(
                width: 2, height: 2, depth: 4, compression: 2, palette: palette4,
                pixels: [2, 0x23, 0, 0, 2, 0x01, 0, 1]), "runs of nibbles")
        for length in 0..<11 {
            let codes: [UInt8] = [1, 2, 1, 3, 0, 0, 1, 0, 1, 1, 0]
            #expect(
                try await decodingFailure(rle8(Array(codes[..<length])))?.code == (length < 10 ? .corrupt : nil),
                "\(length)")
        }
    }

    @Test func aFileThatIsShorterThanItSaysIsDamaged() async throws {
        let whole = Bitmaps.file(
            width: 2, height: 2, depth: 8, palette: Self.palette + [UInt8](repeating: 0, count: 1008),
            pixels: [2, 3, 0, 0, 0, 1, 0, 0])
        #expect(try await decodingFailure(whole) == nil)
        // Only the last row's padding may be missing.
        #expect(try await decodingFailure(Array(whole.dropLast(2))) == nil)
        for length in 0..<(whole.count - 2) where length % 7 == 0 || length > whole.count - 8 {
            let error = try await decodingFailure(Array(whole[..<length]))
            #expect(error?.code == .corrupt || error?.code == .unsupported, "\(length)")
        }
    }

    @Test(arguments: [
        (0, 2, 24, 0), (2, 0, 24, 0), (-2, 2, 24, 0), (2, 2, 5, 0), (2, 2, 0, 0), (2, 2, 24, 4), (2, 2, 24, 5),
        (2, 2, 8, 2),
        (2, Int(Int32.min), 24, 0), (60_000, 60_000, 24, 0), (Int(Int32.max), 1, 1, 0), (2, 2, 8, 0),
    ])
    func headersThatMakeNoSenseAreRefused(width: Int, height: Int, depth: Int, compression: Int) async throws {
        let bytes = Bitmaps.file(
            width: width, height: height, depth: depth, compression: compression,
            pixels: [UInt8](repeating: 1, count: 16))
        #expect(try await failure(bytes) != nil)
        #expect(try await decodingFailure(bytes) != nil)
    }
}
