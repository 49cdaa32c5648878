import Domain

/// A width and a height, in pixels.
struct PixelSize: Hashable {
    var width: Int
    var height: Int

    var swapped: PixelSize { PixelSize(width: height, height: width) }

    /// How much smaller `target` is; the lesser of both sides, at least 1.
    func shrink(to target: PixelSize) -> Double {
        max(1, min(Double(width) / Double(target.width), Double(height) / Double(target.height)))
    }

    /// Where a window in the middle starts; negative where it reaches beyond. Halves go to the even side, as
    /// torchvision's `CenterCrop` does.
    func origin(of window: PixelSize) -> (left: Int, top: Int) {
        func start(_ outer: Int, _ inner: Int) -> Int {
            Int((Double(outer - inner) / 2).rounded(.toNearestOrEven))
        }
        return (start(width, window.width), start(height, window.height))
    }
}

/// The size to scale a picture to, and what is cut from the result or put around it, centred.
struct Placement: Hashable {
    /// After scaling the whole picture.
    let scaled: PixelSize
    /// The window shown; larger than `scaled` where padded, smaller where cropped.
    let window: PixelSize

    /// - Parameter source: upright.
    init(_ preprocessing: Preprocessing, source: PixelSize) {
        let size = preprocessing.size
        window = PixelSize(width: size, height: size)
        let (short, long) = (min(source.width, source.height), max(source.width, source.height))
        let lies = source.width > source.height
        switch preprocessing.resize {
        case .squash:
            scaled = window
        case .shortestSide:
            let other = Int(Double(size) * Double(long) / Double(short))
            scaled = PixelSize(width: lies ? other : size, height: lies ? size : other)
        case .longestSidePad:
            let other = max(1, Int((Double(size) * Double(short) / Double(long)).rounded()))
            scaled = PixelSize(width: lies ? size : other, height: lies ? other : size)
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
}
