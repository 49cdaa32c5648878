import CVips
import Domain

extension PictureSource {
    /// As a viewer shows it.
    var uprightSize: PixelSize {
        let size = PixelSize(width: width, height: height)
        return liesOnItsSide ? size.swapped : size
    }

    /// Hands `body` the picture upright, scaled and cut or padded, in 8-bit sRGB.
    func withPicture<Result>(
        _ placement: Placement, kernel: VipsKernel, alpha: VipsPicture.Alpha,
        _ body: (VipsPicture) throws(ImageReadingError) -> Result
    ) throws(ImageReadingError) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(picture(placement, kernel: kernel, alpha: alpha))
    }

    /// Scaling happens before turning, so that the file is read once from top to bottom.
    private func picture(
        _ placement: Placement, kernel: VipsKernel, alpha: VipsPicture.Alpha
    ) throws(ImageReadingError) -> VipsPicture {
        let scaled = liesOnItsSide ? placement.scaled.swapped : placement.scaled
        let window = liesOnItsSide ? placement.window.swapped : placement.window
        // The decoder's own shrinking is coarse: at least a factor of 2 is left to the kernel.
        let shrink = PixelSize(width: width, height: height).shrink(to: scaled) / 2
        return try open(shrink: shrink)
            .plain(alpha)
            .scaled(to: scaled, window: window, kernel: kernel)
            .materialised()
            .applying { imago_autorotate($0) }
            .inSRGB()
            .cut(to: placement.window)
    }
}

extension VipsPicture {
    fileprivate func scaled(
        to size: PixelSize, window: PixelSize, kernel: VipsKernel
    ) throws(ImageReadingError) -> VipsPicture {
        let across = Span(scaling: width, to: size.width, window: window.width)
        let down = Span(scaling: height, to: size.height, window: window.height)
        var picture = self
        if across.count < width || down.count < height {
            picture = try picture.applying {
                imago_extract_area(
                    $0, Int32(across.start), Int32(down.start), Int32(across.count), Int32(down.count))
            }
        }
        return try picture.applying {
            // The gap leaves at least a factor of 2 to the kernel, after averaging whole blocks.
            imago_resize(
                $0, Double(across.scaled) / Double(across.count), Double(down.scaled) / Double(down.count), kernel, 2)
        }
    }

    /// The window in the middle; what it has beyond the picture is black.
    fileprivate func cut(to window: PixelSize) throws(ImageReadingError) -> VipsPicture {
        var picture = self
        let (left, top) = PixelSize(width: width, height: height).origin(of: window)
        let inner = PixelSize(width: min(width, window.width), height: min(height, window.height))
        if inner.width < width || inner.height < height {
            picture = try picture.applying {
                imago_extract_area($0, Int32(max(0, left)), Int32(max(0, top)), Int32(inner.width), Int32(inner.height))
            }
        }
        if inner != window {
            picture = try picture.applying {
                imago_embed_on_black(
                    $0, Int32(max(0, -left)), Int32(max(0, -top)), Int32(window.width), Int32(window.height))
            }
        }
        return picture
    }
}

/// The part of one side that is scaled.
struct Span: Hashable {
    var start = 0
    var count: Int
    var scaled: Int

    /// All of it, unless it would come out more than four times as long as the window: then the middle, so that a line
    /// one pixel wide isn't blown up to millions of pixels that nobody sees.
    init(scaling source: Int, to scaled: Int, window: Int) {
        (count, self.scaled) = (source, scaled)
        guard scaled > 4 * window else { return }
        let scale = Double(scaled) / Double(source)
        let kept = Int((Double(4 * window) / scale).rounded(.up))
        // The same parity keeps the middle where it is.
        let count = kept + (source - kept) & 1
        guard count < source else { return }
        start = (source - count) / 2
        self.count = count
        self.scaled = max(window, Int((Double(count) * scale).rounded()))
    }
}
