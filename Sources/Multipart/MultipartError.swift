/// Why a body is no acceptable multipart form.
public enum MultipartError: Error, Sendable, Hashable {
    /// The boundary of the content type is missing, longer than 70 characters or has characters no boundary can have.
    case invalidBoundary
    /// The boundary does not occur in the body.
    case boundaryNotFound
    /// The body ends before its final boundary.
    case truncated
    /// A part's headers are not `name: value` lines; the part counts from 0.
    case malformedHeaders(part: Int)
    /// A part's headers are longer than the limit in bytes.
    case headersTooLarge(part: Int, limit: Int)
    /// More parts than the limit.
    case tooManyParts(limit: Int)
    /// More bytes before the first boundary than the limit.
    case preambleTooLong(limit: Int)

    /// One sentence for the client.
    public var message: String {
        switch self {
        case .invalidBoundary:
            "the multipart content type needs a boundary parameter of 1 to 70 characters"
        case .boundaryNotFound:
            "the multipart body does not contain the boundary that its content type names"
        case .truncated:
            "the multipart body ends before its final boundary"
        case .malformedHeaders(let part):
            "the headers of part \(part + 1) of the multipart body are malformed"
        case .headersTooLarge(let part, let limit):
            "the headers of part \(part + 1) of the multipart body are longer than \(limit) bytes"
        case .tooManyParts(let limit):
            "the multipart body has more than \(limit) parts"
        case .preambleTooLong(let limit):
            "the multipart body has more than \(limit) bytes before its first boundary"
        }
    }
}
