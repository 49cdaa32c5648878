import Domain
import HTTPTypes
import Hummingbird
import Library
import Multipart
import NIOCore
import NIOHTTP1

extension APIError {
    /// The one place where an error becomes an answer. What no case knows is a fault of ours: 500, and nothing of it is
    /// told.
    init(mapping error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as InvalidInput:
            self = .invalid(error.message, code: error.code, parameter: error.parameter)
        case let error as MultipartError: self = .invalid(error.message, code: "malformed_multipart")
        case let error as UploadError: self.init(error)
        case let error as SearchError: self.init(error)
        case let error as ImageReadingError: self.init(error)
        case let error as CatalogError: self.init(error)
        case let error as BlobError: self.init(error)
        case let error as HTTPError: self.init(error)
        // The connection broke, or what came over it is no HTTP: nobody is likely to read the answer.
        case is HTTPParserError, is ChannelError, is IOError: self = .incompleteBody
        case is CancellationError: self = .unavailable("the server is stopping", code: "stopping", retryAfter: 5)
        default: self = Self.unknown
        }
    }

    private static let unknown = APIError(
        .internalServerError, .server, code: "internal_error",
        "something went wrong on the server; its log has the cause under this request's id")

    private init(_ error: UploadError) {
        switch error {
        case .refused(let refusals):
            let tooLarge = refusals.allSatisfy { FileRefusal.sizeCodes.contains($0.code) }
            let codes = Set(refusals.map(\.code))
            let first = refusals[0].described
            let others = refusals.count - 1
            self.init(
                tooLarge ? .contentTooLarge : .unsupportedMediaType, .validation,
                code: codes.count == 1 ? refusals[0].code : "unacceptable_files",
                others == 0 ? first : "\(first); \(others) more can't be taken either", parameter: "images",
                details: refusals.map(\.json))
        case .idempotencyConflict:
            self.init(
                .conflict, .conflict, code: "idempotency_key_reused",
                "this Idempotency-Key was used with another request in the last 24 hours")
        case .backlogFull(let waiting):
            self = .unavailable(
                "\(waiting) images wait to be indexed, which is as many as the server lets wait",
                code: "indexing_queue_full", retryAfter: 10)
        }
    }

    private init(_ error: SearchError) {
        switch error {
        case .exampleNotFound:
            self.init(
                .notFound, .notFound, code: "image_not_found", "there is no such image to search by",
                parameter: "image_id")
        case .exampleNotIndexed:
            self = .invalid(
                "the image to search by is not indexed", code: "image_not_indexed", parameter: "image_id")
        }
    }

    private init(_ error: ImageReadingError) {
        switch error.code {
        case .unsupported, .corrupt, .decoderCrashed, .decoderTimeout, .decoderOutOfMemory:
            self.init(.unsupportedMediaType, .validation, code: error.code.rawValue, error.message)
        case .tooLarge: self = .tooLarge(error.message, code: error.code.rawValue)
        case .unavailable: self = .unavailable("the image can't be read at the moment")
        }
    }

    private init(_ error: CatalogError) {
        switch error {
        case .storeFull: self = .storageFull
        case .idempotencyKeyUsed:
            self.init(
                .conflict, .conflict, code: "idempotency_key_in_use",
                "another request with this Idempotency-Key is under way")
        case .unavailable, .newerSchema: self = .storeDown
        }
    }

    private init(_ error: BlobError) {
        switch error {
        case .notFound: self = .noSuchImage
        case .storeFull: self = .storageFull
        case .unavailable: self = .storeDown
        }
    }

    private static let storageFull = APIError.unavailable(
        "the server has no room left to store anything", code: "storage_full", retryAfter: 60)
    private static let storeDown = APIError.unavailable(
        "the server's store can't be reached at the moment", code: "store_unavailable")

    private init(_ error: HTTPError) {
        switch error.status {
        case .notFound: self.init(.notFound, .notFound, code: "route_not_found", "there is no such route")
        case .contentTooLarge: self = .tooLarge("the request's body is too large")
        case .badRequest: self = .invalid("the request can't be understood", code: "bad_request")
        default: self = Self.unknown
        }
    }
}

extension FileRefusal {
    /// Codes that mean "over a limit", answered with 413.
    static let sizeCodes: Set<String> = [ImageReadingError.Code.tooLarge.rawValue, fileTooLarge]
    static let fileTooLarge = "file_too_large"

    /// The reason as a sentence that names the file.
    var described: String {
        let name = fileName.map { " (\($0))" } ?? ""
        return "file \(position + 1)\(name): \(message)"
    }
}
