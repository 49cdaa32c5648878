import Domain

extension RenditionRequest {
    /// What `w`, `h`, `fit`, `format` and `quality` of a content URL ask for; nil where none is given: the original.
    /// - Parameter limit: longest side of a rendition, in pixels.
    init?(_ query: QueryString, limit: Int, image: Image) throws(APIError) {
        let width = try query.integer("w", in: 1...limit)
        let height = try query.integer("h", in: 1...limit)
        let fit: Fit? = try query.choice("fit")
        let format: Format? = try query.choice("format")
        let quality = try query.integer("quality", in: 1...100)
        guard width != nil || height != nil || fit != nil || format != nil || quality != nil else { return nil }
        if fit == .cover, width == nil || height == nil {
            throw .invalid("fit=cover needs both w and h", parameter: width == nil ? "w" : "h")
        }
        // The side that is not given follows from the other; a box larger than the picture asks for nothing more.
        let properties = image.properties
        self.init(
            width: width ?? min(limit, properties.width), height: height ?? min(limit, properties.height),
            fit: fit ?? .contain, format: format ?? .webp, quality: quality ?? 80)
    }
}
