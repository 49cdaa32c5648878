import NIOCore
import NIOPosix
import Synchronization

/// Passes bytes on between its clients and a server on the loopback interface, until so many have come from the clients:
/// then every connection ends, and no other can be made.
final class SeverableProxy: Sendable {
    private let listener: any Channel
    private let line: Line

    fileprivate final class Line: Sendable {
        let target: Int
        let left: Mutex<Int>
        let channels = Mutex<[any Channel]>([])

        init(target: Int, left: Int) {
            self.target = target
            self.left = Mutex(left)
        }

        /// Counts bytes of a client; false once it is over.
        func spend(_ count: Int) -> Bool {
            let isOver = left.withLock { left in
                left -= count
                return left < 0
            }
            if isOver { sever() }
            return !isOver
        }

        func sever() {
            for channel in channels.withLock({ $0 }) { channel.close(promise: nil) }
        }
    }

    private init(listener: any Channel, line: Line) {
        self.listener = listener
        self.line = line
    }

    var endpoint: String { "http://127.0.0.1:\(listener.localAddress!.port!)" }

    static func run<Value>(
        to target: Int, after bytes: Int, _ body: (SeverableProxy) async throws -> Value
    ) async throws -> Value {
        let line = Line(target: target, left: bytes)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: target).flatMap { server in
                    line.channels.withLock { $0 += [client, server] }
                    return client.eventLoop.makeCompletedFuture {
                        try client.pipeline.syncOperations.addHandler(Forwarder(to: server, counts: line))
                        try server.pipeline.syncOperations.addHandler(Forwarder(to: client, counts: nil))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        line.channels.withLock { $0.append(listener) }
        do {
            let value = try await body(SeverableProxy(listener: listener, line: line))
            line.sever()
            return value
        } catch {
            line.sever()
            throw error
        }
    }
}

private final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let peer: any Channel
    private let line: SeverableProxy.Line?

    init(to peer: any Channel, counts line: SeverableProxy.Line?) {
        self.peer = peer
        self.line = line
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard line?.spend(bytes.readableBytes) ?? true else { return }
        peer.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { peer.close(promise: nil) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
