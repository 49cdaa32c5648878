import Domain

/// Reads images in worker processes: whatever a file does to its decoder, this process goes on.
public struct IsolatedImageReader: ImageReading {
    private let pool: WorkerPool

    public init(_ pool: WorkerPool) { self.pool = pool }

    public func probe(path: String) async throws(ImageReadingError) -> ImageProperties {
        let outcome = await pool.perform(.probe, path: path)
        guard case .properties(let properties) = outcome else { throw outcome.error }
        return properties
    }

    public func pixels(path: String, preprocessing: Preprocessing) async throws(ImageReadingError) -> PixelTensor {
        let outcome = await pool.perform(.pixels(preprocessing), path: path)
        guard case .pixels(let values) = outcome else { throw outcome.error }
        return PixelTensor(size: preprocessing.size, values: values)
    }

    public func rendition(path: String, _ request: RenditionRequest) async throws(ImageReadingError) -> [UInt8] {
        let outcome = await pool.perform(.rendition(request), path: path)
        guard case .bytes(let bytes) = outcome else { throw outcome.error }
        return bytes
    }
}

extension WorkOutcome {
    /// For an outcome that is not the one asked for.
    fileprivate var error: ImageReadingError {
        switch self {
        case .failed(let error): error
        case .casualty(let casualty): casualty.error
        default: ImageReadingError(code: .unavailable, message: "The image was not read.")
        }
    }
}
