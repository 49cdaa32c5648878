import Domain

/// A width and a height, in pixels.
struct PixelSize: Hashable {
    var width: Int
    var height: Int

    var swapped: PixelSize { PixelSize(width: height, height: width) }
}

/// The size to scale an upright picture to, and what of the result is kept, around its middle.
struct Placement: Hashable {
    /// The whole picture after scaling. Only the window of it is ever computed: it may be huge.
    let scaled: PixelSize
    /// At most `scaled` on each side.
    let window: PixelSize

    /// - Parameter source: upright.
    init(_ preprocessing: Preprocessing, source: PixelSize) {
        let size = preprocessing.size
        let square = PixelSize(width: size, height: size)
        let (short, long) = (min(source.width, source.height), max(source.width, source.height))
        let lies = source.width > source.height
        switch preprocessing.resize {
        case .squash:
            (scaled, window) = (square, square)
        case .shortestSide:
            // The model's input is square, so what sticks out is cut even where the manifest names no crop.
            let other = Int(Double(size) * Double(long) / Double(short))
            scaled = PixelSize(width: lies ? other : size, height: lies ? size : other)
            window = square
        case .longestSidePad:
            let other = max(1, Int((Double(size) * Double(short) / Double(long)).rounded()))
            scaled = PixelSize(width: lies ? size : other, height: lies ? other : size)
            window = scaled
        }
    }

    /// - Parameter source: upright. It is never enlarged.
    init(_ request: RenditionRequest, source: PixelSize) {
        let across = Double(request.width) / Double(source.width)
        let down = Double(request.height) / Double(source.height)
        let scale = min(1, request.fit == .contain ? min(across, down) : max(across, down))
        func side(_ length: Int) -> Int { max(1, Int((Double(length) * scale).rounded())) }
        scaled = PixelSize(width: side(source.width), height: side(source.height))
        window = PixelSize(width: min(request.width, scaled.width), height: min(request.height, scaled.height))
    }

    /// The window's columns and rows within `scaled`.
    var columns: Range<Int> { Self.middle(scaled.width, window.width) }
    var rows: Range<Int> { Self.middle(scaled.height, window.height) }

    /// Halves go to the even side, as torchvision's `CenterCrop` does.
    private static func middle(_ outer: Int, _ inner: Int) -> Range<Int> {
        let start = Int((Double(outer - inner) / 2).rounded(.toNearestOrEven))
        return start..<start + inner
    }
}
