import CSandbox
import Foundation

/// One end of the connection between server and worker: whole messages in JSON, some with an open file.
final class Channel: Sendable {
    let socket: Int32
    /// No message is longer, so that whoever sends can't make the other side use memory.
    private static let longestMessage = 32 << 10

    /// Takes over the socket.
    init(socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    func send(_ message: some Encodable, descriptor: Int32 = -1) throws(SystemError) {
        guard let bytes = try? JSONEncoder().encode(message), bytes.count <= Self.longestMessage else {
            throw SystemError("a message is too long")
        }
        let sent = bytes.withUnsafeBytes { imago_send(socket, $0.baseAddress, $0.count, descriptor) }
        guard sent == bytes.count else { throw .last("send") }
    }

    /// Waits for a message. Files that come with it are closed unheard of.
    /// - Returns: nil when the other side is gone.
    func receive<Message: Decodable>(_ type: Message.Type) throws(SystemError) -> Message? {
        try take { imago_receive(socket, $0, $1, nil) }
    }

    /// Waits for a message and the open file that comes with it, which is the caller's to close; -1 without one.
    /// - Returns: nil when the other side is gone.
    func receive<Message: Decodable>(_ type: Message.Type, descriptor: inout Int32) throws(SystemError) -> Message? {
        try take { imago_receive(socket, $0, $1, &descriptor) }
    }

    private func take<Message: Decodable>(
        _ receive: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> Message? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.longestMessage) { buffer, filled in
            count = receive(UnsafeMutableRawPointer(buffer.baseAddress), buffer.count)
            filled = max(0, count)
        }
        guard count >= 0 else { throw .last("receive") }
        guard count > 0 else { return nil }
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(bytes)) else {
            throw SystemError("a message makes no sense")
        }
        return message
    }
}
