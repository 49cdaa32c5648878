/// Something a client sent that can't be accepted: which field, why, and the limit where there is one.
public struct InvalidInput: Error, Sendable, Hashable {
    /// The API's error code, for instance `invalid_parameter` or `limit_exceeded`.
    public let code: String
    /// One sentence for the client.
    public let message: String
    /// The parameter or field at fault, for instance `limit` or `metadata.requests[2].metadata.camera_id`.
    public let parameter: String?

    public init(code: String = "invalid_parameter", message: String, parameter: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
    }
}
