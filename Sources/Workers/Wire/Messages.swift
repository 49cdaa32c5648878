import Domain
import Imaging

/// What a new worker is told first, with the payload's memory: the terms it works under.
struct WorkerTerms: Codable, Sendable, Hashable {
    let limits: ImagingLimits
    /// Bytes of memory it may use.
    let memory: UInt64
    /// Size of the shared memory, in bytes.
    let payload: Int
    /// The server's process id.
    let parent: Int32
}

/// A worker's answer to the terms: it is ready, or why it can't be.
struct WorkerReport: Codable, Sendable, Hashable {
    /// Nil when it is ready.
    var failure: String?
    /// What it could still reach when it tried: files, network, processes... Empty when it is shut in.
    var reach: [String] = []
    /// Why it is not shut in.
    var sealFailure: String?
}

/// One piece of work; the file comes with it, open.
struct DecodingRequest: Codable, Sendable, Hashable {
    enum Task: Codable, Sendable, Hashable {
        case probe
        case pixels(Preprocessing)
        case rendition(RenditionRequest)
    }
    let task: Task
    /// An earlier worker was lost over this file.
    let isSecondTry: Bool
}

/// What a worker found. Pixels and renditions are in the shared memory.
enum DecodingAnswer: Codable, Sendable, Hashable {
    case properties(ImageProperties)
    case payload(bytes: Int)
    case failure(ImageReadingError)
}
