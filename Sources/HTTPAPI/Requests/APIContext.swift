import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// What goes along with one request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Shared by all copies of the context.
    let record = RequestRecord()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Whose key the request came with.
    /// - Throws: 401 where there is none, so that a route without authentication can't act for anybody.
    var account: AccountID {
        get throws(APIError) {
            guard let key = record.key else { throw Authentication.missingKey }
            return key.accountID
        }
    }

    /// The image id of the route.
    /// - Throws: 404 where it is none.
    var imageID: ImageID {
        get throws(APIError) {
            guard let id = parameters["image_id"].flatMap({ ImageID($0) }) else { throw .noSuchImage }
            return id
        }
    }
}

/// What becomes known of a request while it is answered.
final class RequestRecord: Sendable {
    private struct State {
        var requestID = ""
        var key: APIKey?
        var answersInPieces = false
        var rateLimit = HTTPFields()
    }
    private let state = Mutex(State())

    var requestID: String {
        get { state.withLock { $0.requestID } }
        set { state.withLock { $0.requestID = newValue } }
    }
    var key: APIKey? {
        get { state.withLock { $0.key } }
        set { state.withLock { $0.key = newValue } }
    }
    /// What the answer, whichever it is, tells of the key's limits.
    var rateLimit: HTTPFields {
        get { state.withLock { $0.rateLimit } }
        set { state.withLock { $0.rateLimit = newValue } }
    }
    /// The answer's body is still to be written when the route is done with it.
    var answersInPieces: Bool {
        get { state.withLock { $0.answersInPieces } }
        set { state.withLock { $0.answersInPieces = newValue } }
    }
}
