import Domain

/// A BMP file's headers: OS/2 1.x and 2.x, Windows 3 (`BITMAPINFOHEADER`), V4 and V5, with the undocumented V2 and V3
/// (Microsoft, "Bitmap Storage").
struct BitmapHeader {
    enum Compression { case none, rle4, rle8 }

    /// The sizes an information header can have; the size is its first field.
    static let sizes: Set<UInt32> = [12, 16, 40, 52, 56, 64, 108, 124]

    let width: Int
    let height: Int
    let isTopDown: Bool
    let bitsPerPixel: Int
    let compression: Compression
    /// Red, green, blue, alpha; for 16 and 32 bits.
    let masks: [UInt32]
    /// Where the pixels start.
    let pixelOffset: Int
    let paletteOffset: Int
    let paletteEntryBytes: Int
    /// At most 2 to the power of `bitsPerPixel`; 0 without a palette.
    let paletteCount: Int

    init(_ bytes: UnsafeRawBufferPointer) throws(ImageReadingError) {
        let damaged = ImageReadingError.corrupt("The BMP's header is damaged.")
        guard let offset = bytes.little(UInt32.self, at: 10), let size = bytes.little(UInt32.self, at: 14),
            Self.sizes.contains(size), bytes.count >= 14 + Int(size)
        else { throw damaged }
        let isCore = size == 12
        let planes: UInt16?
        let depth: UInt16?
        if isCore {
            guard let width = bytes.little(UInt16.self, at: 18), let height = bytes.little(UInt16.self, at: 20) else {
                throw damaged
            }
            (self.width, self.height, isTopDown) = (Int(width), Int(height), false)
            (planes, depth) = (bytes.little(UInt16.self, at: 22), bytes.little(UInt16.self, at: 24))
        } else {
            guard let width = bytes.little(Int32.self, at: 18), let height = bytes.little(Int32.self, at: 22) else {
                throw damaged
            }
            (self.width, self.height, isTopDown) = (Int(width), Int(height.magnitude), height < 0)
            (planes, depth) = (bytes.little(UInt16.self, at: 26), bytes.little(UInt16.self, at: 28))
        }
        guard width > 0, height > 0, planes == 1, let depth, [1, 2, 4, 8, 16, 24, 32].contains(depth) else {
            throw damaged
        }
        bitsPerPixel = Int(depth)
        let isOS2 = size == 16 || size == 64
        let code = size >= 40 ? bytes.little(UInt32.self, at: 30) ?? 0 : 0
        var maskCount = 0
        switch (code, depth) {
        case (0, _): compression = .none
        case (1, 8): compression = .rle8
        case (2, 4): compression = .rle4
        case (3, 16), (3, 32), (6, 16), (6, 32):
            guard !isOS2 else { throw .unsupported("The BMP's compression is not supported.") }
            compression = .none
            maskCount = code == 6 || size >= 56 ? 4 : 3
        default: throw .unsupported("The BMP's compression is not supported.")
        }
        masks = try Self.masks(bytes, count: maskCount, depth: depth)
        pixelOffset = Int(offset)
        // Masks follow a header that has no room for them.
        paletteOffset = 14 + Int(size) + (size == 40 ? 4 * maskCount : 0)
        paletteEntryBytes = isCore ? 3 : 4
        let used = size >= 40 ? Int(bytes.little(UInt32.self, at: 46) ?? 0) : 0
        let most = depth <= 8 ? 1 << Int(depth) : 0
        // Some OS/2 files leave no room for a whole palette before the pixels.
        let room = max(0, min(pixelOffset, bytes.count) - paletteOffset) / paletteEntryBytes
        paletteCount = min(used == 0 ? most : used, most, room)
        guard pixelOffset >= 14 + Int(size), depth > 8 || paletteCount > 0 else { throw damaged }
    }

    private static func masks(
        _ bytes: UnsafeRawBufferPointer, count: Int, depth: UInt16
    ) throws(ImageReadingError) -> [UInt32] {
        guard count > 0 else {
            return depth == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0]
        }
        var masks: [UInt32] = []
        for index in 0..<count {
            // A mask is one run of ones: filling the zeros below it makes one from bit 0 up.
            guard let mask = bytes.little(UInt32.self, at: 54 + 4 * index),
                mask == 0 || ((mask | (mask &- 1)) &+ 1) & mask == 0
            else { throw .corrupt("The BMP's colour masks are damaged.") }
            masks.append(mask)
        }
        return masks + Array(repeating: 0, count: 4 - count)
    }
}
