import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on the loopback interface that answers as it is told, well or badly.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let method: String
        /// Before decoding.
        let path: String
        let query: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    enum Reply: Sendable {
        case answer(Int, [(String, String)] = [], [UInt8] = [])
        /// Promises more than it sends, then closes.
        case truncated(Int, [(String, String)] = [], promised: Int, [UInt8])
        /// A body of that many zeros, no faster than it is read.
        case zeros(Int)
        /// The head of an answer at once, and no body.
        case headOnly
        /// Keeps the connection open and says nothing.
        case silence
        /// Ends its half of the connection without an answer.
        case halfClose
    }

    let port: Int
    private let channel: any Channel
    private let shared: Shared

    /// What the connections have in common.
    fileprivate final class Shared: Sendable {
        let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
        let zerosSent = Atomic(0)
    }

    private init(channel: any Channel, shared: Shared) {
        self.channel = channel
        self.shared = shared
        port = channel.localAddress!.port!
    }

    var endpoint: String { "http://127.0.0.1:\(port)" }
    /// Bytes of `zeros` that were handed to the network.
    var zerosSent: Int { shared.zerosSent.load(ordering: .relaxed) }

    /// Runs `body` beside a server, which is closed with all its connections when it returns.
    /// - Parameter isDeafTo: heads after which it reads no further: their bodies fill the network's buffers.
    static func run<Value>(
        isDeafTo: @escaping @Sendable (HTTPRequestHead) -> Bool = { _ in false },
        _ respond: @escaping @Sendable (Request) async -> Reply, _ body: (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let shared = Shared()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                shared.channels.withLock { $0[ObjectIdentifier(channel)] = channel }
                channel.closeFuture.whenComplete { _ in
                    _ = shared.channels.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        Connection(respond: respond, isDeafTo: isDeafTo, shared: shared))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(channel: channel, shared: shared)
        do {
            let value = try await body(server)
            await server.close()
            return value
        } catch {
            await server.close()
            throw error
        }
    }

    private func close() async {
        try? await channel.close()
        for channel in shared.channels.withLock({ Array($0.values) }) { try? await channel.close() }
    }
}

/// One connection: a request is read whole, then answered.
private final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let respond: @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply
    private let isDeafTo: @Sendable (HTTPRequestHead) -> Bool
    private let shared: ScriptedServer.Shared
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isDeaf = false

    init(
        respond: @escaping @Sendable (ScriptedServer.Request) async -> ScriptedServer.Reply,
        isDeafTo: @escaping @Sendable (HTTPRequestHead) -> Bool, shared: ScriptedServer.Shared
    ) {
        self.respond = respond
        self.isDeafTo = isDeafTo
        self.shared = shared
    }

    func channelActive(context: ChannelHandlerContext) { context.read() }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isDeaf { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            isDeaf = isDeafTo(head)
        case .body(let bytes): body += bytes.readableBytesView
        case .end: answer(context.channel)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ channel: any Channel) {
        guard let head, !isDeaf else { return }
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        let request = ScriptedServer.Request(
            method: head.method.rawValue, path: parts[0], query: parts.count > 1 ? parts[1] : "",
            headers: head.headers, body: body)
        body = []
        Task { [respond, shared] in
            try? await send(await respond(request), to: request, channel, shared)
        }
    }
}

private func send(
    _ reply: ScriptedServer.Reply, to request: ScriptedServer.Request, _ channel: any Channel,
    _ shared: ScriptedServer.Shared
) async throws {
    func head(_ status: Int, _ headers: [(String, String)], length: Int) -> HTTPServerResponsePart {
        var fields = HTTPHeaders(headers)
        if !fields.contains(name: "content-length") { fields.add(name: "content-length", value: String(length)) }
        return .head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields))
    }
    let isHead = request.method == "HEAD"
    switch reply {
    case .answer(let status, let headers, let bytes):
        channel.write(head(status, headers, length: bytes.count), promise: nil)
        if !isHead {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        }
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    case .truncated(let status, let headers, let promised, let bytes):
        channel.write(head(status, headers, length: promised), promise: nil)
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))))
        try await channel.close()
    case .zeros(let count):
        channel.write(head(200, [], length: count), promise: nil)
        let piece = ByteBuffer(repeating: 0, count: 64 << 10)
        var left = count
        while left > 0 {
            let bytes = piece.getSlice(at: 0, length: min(left, piece.readableBytes))!
            try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes)))
            shared.zerosSent.add(bytes.readableBytes, ordering: .relaxed)
            left -= bytes.readableBytes
        }
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    case .headOnly: try await channel.writeAndFlush(head(200, [], length: 1000))
    case .silence: break
    case .halfClose: try await channel.close(mode: .output)
    }
}
