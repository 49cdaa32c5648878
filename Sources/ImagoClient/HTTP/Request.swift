import Domain
import NIOHTTP1

/// One request of the API, before it is sent and each time it is sent again.
struct Request: Sendable {
    enum Body: Sendable {
        case none
        case json(JSONValue)
        case multipart(MultipartForm)
    }

    var method: HTTPMethod
    var path: String
    var query: [QueryItem] = []
    var headers: [(name: String, value: String)] = []
    var body: Body = .none

    init(_ method: HTTPMethod, _ path: String, query: [QueryItem] = [], body: Body = .none) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }
}

/// A whole answer with a 2xx status.
struct Answer: Sendable {
    let body: [UInt8]
    let headers: HTTPHeaders

    /// - Throws: `ClientError` of kind `.malformedAnswer` when the body is no JSON.
    func json() throws(ClientError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: body)
        } catch {
            throw ClientError(.malformedAnswer, "the server's answer is no JSON; is it an Imago server?")
        }
    }
}
