import Domain

extension ImageHeader {
    /// TIFF 6.0 and BigTIFF: the first directory's size, that a tile is no larger than the limits (decoders reserve a
    /// whole one), and the number of directories, however they are chained.
    mutating func readTIFF(_ bytes: UnsafeRawBufferPointer, limits: ImagingLimits) throws(ImageReadingError) {
        let file = TIFFStructure(bytes)
        guard let first = file.firstDirectory else { throw .corrupt("The TIFF's header is damaged.") }
        var values: [UInt16: Int] = [:]
        file.forEachEntry(of: first) { tag, value in values[tag] = value }
        guard let width = values[256], let height = values[257] else {
            throw .corrupt("The TIFF's first page has no size.")
        }
        raster = (width, height)
        if let tileWidth = values[322], let tileHeight = values[323] {
            try limits.check(width: tileWidth, height: tileHeight)
        }
        // The decoder reads page by page for as long as pages follow, so a chain that bites its tail ends here.
        var seen: Set<Int> = []
        var next: Int? = first
        while let directory = next, seen.count <= limits.maximumFrames {
            guard seen.insert(directory).inserted else { break }
            next = file.directory(after: directory)
        }
        frames = seen.count
    }
}

/// The chain of directories in a TIFF file.
private struct TIFFStructure {
    private let bytes: UnsafeRawBufferPointer
    private let isLittle: Bool
    private let isBig: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        isLittle = bytes.has("II")
        isBig = bytes.has("II+") || bytes.has("MM\0+")
    }

    var firstDirectory: Int? { link(at: isBig ? 8 : 4) }

    func directory(after directory: Int) -> Int? {
        entries(of: directory).flatMap { link(at: $0.start + $0.count * $0.stride) }
    }

    /// Calls `body` with the tag and the first value of each entry that holds small unsigned integers.
    func forEachEntry(of directory: Int, _ body: (UInt16, Int) -> Void) {
        guard let (start, count, stride) = entries(of: directory) else { return }
        for index in 0..<count {
            let entry = start + index * stride
            guard let tag = number(UInt16.self, at: entry), let type = number(UInt16.self, at: entry + 2) else {
                return
            }
            let place = entry + (isBig ? 12 : 8)
            switch type {
            case 1: if let value = bytes.byte(place) { body(tag, Int(value)) }
            case 3: if let value = number(UInt16.self, at: place) { body(tag, Int(value)) }
            case 4: if let value = number(UInt32.self, at: place) { body(tag, Int(value)) }
            case 16: if let value = number(UInt64.self, at: place) { body(tag, Int(clamping: value)) }
            default: continue
            }
        }
    }

    private func entries(of directory: Int) -> (start: Int, count: Int, stride: Int)? {
        if isBig {
            guard let count = number(UInt64.self, at: directory), count <= 65_535 else { return nil }
            return (directory + 8, Int(count), 20)
        }
        return number(UInt16.self, at: directory).map { (directory + 2, Int($0), 12) }
    }

    /// An offset within the file; nil for the zero that ends a chain.
    private func link(at place: Int) -> Int? {
        let offset = isBig ? number(UInt64.self, at: place) : number(UInt32.self, at: place).map(UInt64.init)
        return offset.flatMap { $0 > 0 && $0 < UInt64(bytes.count) ? Int($0) : nil }
    }

    private func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number? {
        isLittle ? bytes.little(type, at: offset) : bytes.big(type, at: offset)
    }
}
