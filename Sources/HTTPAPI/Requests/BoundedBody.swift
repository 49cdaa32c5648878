import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// A request's body, checked as it comes: not longer than a limit, and all there. A connection that breaks must not look
/// like the end of a body.
struct BoundedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let body: RequestBody
    private let limit: Int64
    private let declared: Int64?
    private let interim: (any Channel)?

    /// - Throws: 413 when the declared length is over the limit already.
    init(_ request: Request, _ context: APIContext, limit: Int64) throws(APIError) {
        body = request.body
        self.limit = limit
        declared = request.headers[.contentLength].flatMap { Int64($0) }
        if let declared, declared > limit { throw Self.tooLarge(limit) }
        // A client that waits for leave to send gets it when its bytes are wanted (RFC 9110 section 10.1.1).
        let waits = request.headers[.expect]?.lowercased() == "100-continue"
        interim = waits ? context.channel : nil
    }

    static func tooLarge(_ limit: Int64) -> APIError {
        .tooLarge("the request's body is larger than \(limit) bytes, the limit", code: "request_too_large")
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), limit: limit, declared: declared, interim: interim)
    }

    struct Iterator: AsyncIteratorProtocol {
        var body: RequestBody.AsyncIterator
        let limit: Int64
        let declared: Int64?
        var interim: (any Channel)?
        var received: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            if let channel = interim {
                interim = nil
                try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
            }
            guard let bytes = try await body.next() else {
                if let declared, received < declared { throw APIError.incompleteBody }
                return nil
            }
            received += Int64(bytes.readableBytes)
            guard received <= limit else { throw BoundedBody.tooLarge(limit) }
            return bytes
        }
    }

    /// The whole body.
    func collect() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        if let declared { bytes.reserveCapacity(Int(Swift.min(declared, 1 << 20))) }
        for try await chunk in self { bytes.append(contentsOf: chunk.readableBytesView) }
        return bytes
    }
}
