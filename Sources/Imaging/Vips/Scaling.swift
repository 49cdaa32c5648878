import CVips
import Domain

extension PictureSource {
    /// As a viewer shows it.
    var uprightSize: PixelSize { orientation.swaps ? size.swapped : size }

    /// The picture upright, scaled and cut, in sRGB or grey.
    ///
    /// Three steps, each leaving the finer work to the next: the decoder may shrink as it decodes; large rasters are
    /// averaged in blocks as they stream by; the kernel does the rest, and turns the picture as it writes.
    func pixels(
        _ placement: Placement, filter: Preprocessing.Interpolation, alpha: VipsPicture.Alpha
    ) throws(ImageReadingError) -> PixelBuffer {
        defer { withExtendedLifetime(self) {} }
        let scaled = orientation.swaps ? placement.scaled.swapped : placement.scaled
        let columns = orientation.swaps ? placement.rows : placement.columns
        let rows = orientation.swaps ? placement.columns : placement.rows

        // Decoders' own shrinking is coarse: at least a factor of 2 is left.
        let factor = min(Double(size.width) / Double(scaled.width), Double(size.height) / Double(scaled.height))
        let (opened, shrink) = try open(shrink: factor / 2)
        let picture = try opened.plain(alpha)
        let across = picture.blockSize(picture.width, to: scaled.width)
        let down = picture.blockSize(picture.height, to: scaled.height)
        let shrunk =
            across == 1 && down == 1
            ? picture : try picture.applying { imago_shrink($0, Int32(across), Int32(down)) }
        let raster = try shrunk.rendered()

        let result = try raster.resampled(
            across: ResamplingAxis(
                filter, available: raster.width, extent: Double(size.width) / shrink / Double(across),
                scaled: scaled.width, window: orientation.mirrorsX ? columns.mirrored(in: scaled.width) : columns),
            down: ResamplingAxis(
                filter, available: raster.height, extent: Double(size.height) / shrink / Double(down),
                scaled: scaled.height, window: orientation.mirrorsY ? rows.mirrored(in: scaled.height) : rows),
            size: PixelSize(width: columns.count, height: rows.count), orientation: orientation)
        if picture.hasAlpha { result.unpremultiply() }
        return try picture.inSRGB(result)
    }
}

extension VipsPicture {
    /// How many pixels along one side may be averaged to one: some only where the raster is large, and never so many
    /// that less than a factor of 3 is left to the kernel, from where on the difference can't be seen.
    fileprivate func blockSize(_ side: Int, to scaled: Int) -> Int {
        guard width * height > 2_000_000 else { return 1 }
        return max(1, side / (3 * scaled))
    }
}

extension Range<Int> {
    /// The same places counted from the other end.
    fileprivate func mirrored(in length: Int) -> Range<Int> { length - upperBound..<length - lowerBound }
}
