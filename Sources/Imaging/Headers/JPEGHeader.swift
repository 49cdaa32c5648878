import Domain

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ImageHeader {
    /// Scans past this many cost time without adding a picture; real encoders write about ten.
    private static let maximumScans = 100

    /// JPEG (ITU-T T.81): the size from the frame header, and for a progressive file the number of scans, each of which
    /// makes a decoder walk the whole picture.
    mutating func readJPEG(_ bytes: UnsafeRawBufferPointer) throws(ImageReadingError) {
        var offset = 2
        while let marker = Self.marker(bytes, from: &offset), let length = bytes.big(UInt16.self, at: offset) {
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame, let height = bytes.big(UInt16.self, at: offset + 3),
                let width = bytes.big(UInt16.self, at: offset + 5)
            {
                raster = (Int(width), Int(height))
                frames = 1
                let isProgressive = marker == 0xC2
                if isProgressive, Self.scans(bytes, from: offset) > Self.maximumScans {
                    throw .corrupt("The JPEG has more than \(Self.maximumScans) scans.")
                }
                return
            }
            // The frame header precedes the first scan; without it the decoder says what is wrong.
            if marker == 0xDA { return }
            offset += max(2, Int(length))
        }
    }

    /// The next marker's code; `offset` is left behind it.
    private static func marker(_ bytes: UnsafeRawBufferPointer, from offset: inout Int) -> UInt8? {
        while let byte = bytes.byte(offset) {
            offset += 1
            guard byte == 0xFF, let code = bytes.byte(offset), code != 0, code != 0xFF else { continue }
            offset += 1
            return code
        }
        return nil
    }

    private static func scans(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var scans = 0
        var offset = start
        while offset < bytes.count - 1, scans <= maximumScans,
            let found = memchr(base + offset, 0xFF, bytes.count - 1 - offset)
        {
            offset = base.distance(to: UnsafeRawPointer(found)) + 1
            if bytes[offset] == 0xDA { scans += 1 }
        }
        return scans
    }
}
