import Domain

/// One image to be read by a worker.
struct Work: Sendable {
    let task: DecodingRequest.Task
    let path: String
    /// An earlier worker was lost over it.
    let isSecondTry: Bool
    let urgency: Urgency
    let resume: @Sendable (WorkOutcome) -> Void
}

/// What became of it.
enum WorkOutcome: Sendable {
    case properties(ImageProperties)
    case pixels([Float])
    case bytes([UInt8])
    /// The worker, or the server, says that it can't be had.
    case failed(ImageReadingError)
    /// The worker is lost.
    case casualty(Casualty)

    static func unavailable(_ detail: String) -> WorkOutcome {
        .failed(ImageReadingError(code: .unavailable, message: "The image was not read.", detail: detail))
    }
}

/// How a worker was lost over an image.
enum Casualty: Sendable, Hashable {
    case crashed(String)
    case timedOut
    case outOfMemory

    /// What is said of an image that cost two workers.
    var error: ImageReadingError {
        switch self {
        case .crashed(let how):
            ImageReadingError(
                code: .decoderCrashed, message: "The decoder came to a sudden end over the image.", detail: how)
        case .timedOut:
            ImageReadingError(code: .decoderTimeout, message: "The image takes more time than one image may take.")
        case .outOfMemory:
            ImageReadingError(
                code: .decoderOutOfMemory, message: "The image takes more memory than one image may take.")
        }
    }
}
