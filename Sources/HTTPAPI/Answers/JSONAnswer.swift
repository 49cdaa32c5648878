import Domain
import HTTPTypes
import Hummingbird

extension Response {
    /// A JSON answer. It holds what only this caller may see, so nobody keeps it.
    init(json: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()) {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.jsonBytes)))
    }
}
