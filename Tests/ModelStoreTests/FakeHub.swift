import Crypto
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization

@testable import ModelStore

/// A hub on the loopback interface: repositories of files, a store of big files elsewhere, and faults on demand.
///
/// It is `127.0.0.1`; the store of big files is the same process under the name `localhost`, another host to a client.
final class FakeHub: Sendable {
    static let commit = "0123456789abcdef0123456789abcdef01234567"
    static let token = "hf_secret"

    /// What goes wrong with one request of a file.
    enum Fault: Sendable, Equatable {
        /// Sends so many bytes of the file's rest, and breaks the connection.
        case cut(Int)
        case status(Int)
        /// Never answers.
        case silent
        /// Answers with the whole file whatever was asked.
        case ignoresRange
        case wrongRange
    }

    struct Seen: Sendable, Equatable {
        let host: String
        let path: String
        let range: String?
        let authorization: String?
    }

    private struct State {
        var files: [String: [UInt8]] = [:]
        /// The checksum told instead of the true one.
        var tags: [String: String?] = [:]
        var faults: [String: [Fault]] = [:]
        var seen: [Seen] = []
        var redirectsToStore = false
        var needsToken = false
    }

    private let state = Mutex(State())
    private let port = Mutex(0)

    var address: String { "http://127.0.0.1:\(port.withLock { $0 })" }
    var seen: [Seen] { state.withLock { $0.seen } }

    func add(_ path: String, _ bytes: [UInt8]) { state.withLock { $0.files[path] = bytes } }
    func set(tag: String?, of path: String) { state.withLock { $0.tags[path] = .some(tag) } }
    func fail(_ path: String, _ faults: Fault...) { state.withLock { $0.faults[path, default: []] += faults } }
    func redirectToStore() { state.withLock { $0.redirectsToStore = true } }
    func requireToken() { state.withLock { $0.needsToken = true } }

    /// Runs `body` while the hub listens.
    static func run<Value: Sendable>(_ body: @Sendable (FakeHub) async throws -> Value) async throws -> Value {
        let hub = FakeHub()
        let router = Router()
        router.get("**") { request, context in try await hub.answer(request) }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: {
                var logger = Logger(label: "hub"); logger.logLevel = .critical; return logger
            }())
        return try await application.test(.live) { client in
            hub.port.withLock { $0 = client.port ?? 0 }
            return try await body(hub)
        }
    }

    private struct CutConnection: Error {}

    private func answer(_ request: Request) async throws -> Response {
        let host = request.head.authority.map { String($0.split(separator: ":")[0]) } ?? ""
        let path = String(request.uri.path.drop { $0 == "/" })
        let range = request.headers[.range]
        // ORGANISATION/NAME/resolve/REVISION/PATH
        let file = path.split(separator: "/").dropFirst(4).joined(separator: "/")
        let isStore = host == "localhost"
        let (bytes, tag, redirects, needsToken) = state.withLock { state in
            state.seen.append(
                Seen(host: host, path: path, range: range, authorization: request.headers[.authorization]))
            return (state.files[file], state.tags[file], state.redirectsToStore, state.needsToken)
        }
        guard let bytes else { return Response(status: .notFound) }
        if needsToken, !isStore, request.headers[.authorization] != "Bearer \(Self.token)" {
            return Response(status: .unauthorized)
        }
        var headers: HTTPFields = [:]
        if !isStore {
            let told = tag ?? SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
            if let told { headers[.init("x-linked-etag")!] = "\"\(told)\"" }
            headers[.init("x-linked-size")!] = String(bytes.count)
            headers[.init("x-repo-commit")!] = Self.commit
            if redirects {
                headers[.location] = "http://localhost:\(port.withLock { $0 })/\(path)"
                return Response(status: .found, headers: headers)
            }
        }
        let fault = state.withLock { state in
            state.faults[file].flatMap { $0.isEmpty ? nil : $0[0] }.map { fault in
                state.faults[file]!.removeFirst()
                return fault
            }
        }
        return try await send(bytes, range: range, headers, fault)
    }

    private func send(
        _ bytes: [UInt8], range: String?, _ headers: HTTPFields, _ fault: Fault?
    ) async throws -> Response {
        var headers = headers
        switch fault {
        case .status(let code)?: return Response(status: .init(code: code))
        case .silent?:
            // Longer than the client waits; it hangs up.
            try await Task.sleep(for: .seconds(5))
            throw CutConnection()
        default: break
        }
        var start = range.flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
        if fault == .ignoresRange { start = 0 }
        if start > 0, start >= bytes.count { return Response(status: .rangeNotSatisfiable, headers: headers) }
        if start > 0 {
            let told = fault == .wrongRange ? 0 : start
            headers[.contentRange] = "bytes \(told)-\(bytes.count - 1)/\(bytes.count)"
        }
        let rest = Array(bytes[start...])
        var cut: Int?
        if case .cut(let count)? = fault { cut = count }
        return Response(
            status: start > 0 ? .partialContent : .ok, headers: headers,
            body: .init(contentLength: rest.count) { [cut] writer in
                try await writer.write(ByteBuffer(bytes: rest.prefix(cut ?? rest.count)))
                if cut != nil { throw CutConnection() }
                try await writer.finish(nil)
            })
    }
}
