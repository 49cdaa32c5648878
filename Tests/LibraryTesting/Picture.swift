/// A picture made for a test: interleaved bytes, rows top to bottom.
package struct Picture: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1 grey, 2 grey and opacity, 3 colours, 4 colours and opacity.
    package let bands: Int
    package var samples: [UInt8]

    package init(width: Int, height: Int, bands: Int, samples: [UInt8]) {
        precondition(samples.count == width * height * bands)
        self.width = width
        self.height = height
        self.bands = bands
        self.samples = samples
    }

    /// Four quarters of one colour each: top left, top right, bottom left, bottom right.
    package init(quarters colours: [[UInt8]], width: Int, height: Int) {
        var samples: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width {
                samples += colours[(row * 2 < height ? 0 : 2) + (column * 2 < width ? 0 : 1)]
            }
        }
        self.init(width: width, height: height, bands: colours[0].count, samples: samples)
    }

    package init(plain colour: [UInt8], width: Int = 32, height: Int = 32) {
        self.init(quarters: [colour, colour, colour, colour], width: width, height: height)
    }

    /// Red, green, blue, white.
    package static let quarters = Picture(quarters: Colour.quarters, width: 32, height: 32)
    /// Wide, so that a swap of its sides shows.
    package static let wide = Picture(quarters: Colour.quarters, width: 48, height: 32)

    package func at(_ x: Int, _ y: Int) -> [UInt8] {
        Array(samples[(y * width + x) * bands..<(y * width + x + 1) * bands])
    }

    /// The colours in the middle of each quarter.
    package var quarters: [[UInt8]] {
        let (left, right, top, bottom) = (width / 4, width * 3 / 4, height / 4, height * 3 / 4)
        return [at(left, top), at(right, top), at(left, bottom), at(right, bottom)]
    }
}

package enum Colour {
    package static let red: [UInt8] = [230, 30, 20]
    package static let green: [UInt8] = [20, 200, 40]
    package static let blue: [UInt8] = [10, 30, 210]
    package static let white: [UInt8] = [250, 250, 250]
    package static let quarters = [red, green, blue, white]
}
