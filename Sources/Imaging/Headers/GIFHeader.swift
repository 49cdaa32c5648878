import Domain

extension ImageHeader {
    /// GIF (89a specification, sections 17 to 27): the canvas is the logical screen grown by any frame that sticks out,
    /// since decoders enlarge it so whatever the screen descriptor said. Frames are counted by walking the blocks.
    mutating func readGIF(_ bytes: UnsafeRawBufferPointer, limits: ImagingLimits) throws(ImageReadingError) {
        guard let screenWidth = bytes.little(UInt16.self, at: 6), let screenHeight = bytes.little(UInt16.self, at: 8),
            let flags = bytes.byte(10)
        else { throw .corrupt("The GIF's header is damaged.") }
        var width = Int(screenWidth)
        var height = Int(screenHeight)
        var count = 0
        var offset = 13 + Self.colourTable(flags)

        blocks: while let kind = bytes.byte(offset) {
            switch kind {
            case 0x21:
                offset += 2
            case 0x2C:
                guard let left = bytes.little(UInt16.self, at: offset + 1),
                    let top = bytes.little(UInt16.self, at: offset + 3),
                    let frameWidth = bytes.little(UInt16.self, at: offset + 5),
                    let frameHeight = bytes.little(UInt16.self, at: offset + 7), let flags = bytes.byte(offset + 9)
                else { break blocks }
                width = max(width, Int(left) + Int(frameWidth))
                height = max(height, Int(top) + Int(frameHeight))
                count += 1
                guard count <= limits.maximumFrames else { break blocks }
                // The colour table, and the byte that says how wide codes start.
                offset += 11 + Self.colourTable(flags)
            default:
                // The trailer, or something unknown: nothing after it is read.
                break blocks
            }
            while let length = bytes.byte(offset), length > 0 { offset += 1 + Int(length) }
            offset += 1
        }
        raster = (width, height)
        frames = max(1, count)
    }

    private static func colourTable(_ flags: UInt8) -> Int {
        flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
    }
}
