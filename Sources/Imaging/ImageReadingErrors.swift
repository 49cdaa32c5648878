import Domain

extension ImageReadingError {
    static func corrupt(_ message: String = "The image is damaged or incomplete.", detail: String? = nil) -> Self {
        Self(code: .corrupt, message: message, detail: detail)
    }

    static func unsupported(_ message: String, detail: String? = nil) -> Self {
        Self(code: .unsupported, message: message, detail: detail)
    }

    static func unavailable(_ message: String, detail: String? = nil) -> Self {
        Self(code: .unavailable, message: message, detail: detail)
    }

    static func outOfMemory(detail: String? = nil) -> Self {
        Self(code: .decoderOutOfMemory, message: "The image takes more memory than one image may take.", detail: detail)
    }

    /// Names the limit and its value, and what the image has.
    static func over(
        _ subject: String, _ value: some BinaryInteger, _ unit: String, limit: some BinaryInteger
    ) -> Self {
        let verb = subject.hasSuffix("side") ? "is" : "has"
        return Self(code: .tooLarge, message: "The \(subject) \(verb) \(value) \(unit); the limit is \(limit).")
    }
}
