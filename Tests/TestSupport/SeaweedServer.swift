import AsyncHTTPClient
@testable import BlobsS3
import Domain
import Foundation
import NIOCore
import Synchronization

/// A real S3-compatible store (SeaweedFS, installed by `scripts/bootstrap --test`) on free ports of the loopback
/// interface, with a folder of its own. One serves all the tests of a process and ends with it.
public final class SeaweedServer: Sendable {
    public let port: Int
    public let credentials = AWSCredentials(accessKeyID: "imago-test", secretAccessKey: "not a secret/of+anyone")
    public static let bucket = "imago-test"
    /// A bucket is `bucket.domain` in the virtual-host style.
    public static let domain = "s3.test"
    private let watcher: Mutex<Watcher>

    /// The shell that ends the server when its input ends, which it does with this process, however that ends.
    private struct Watcher {
        let process: Process
        let input: Pipe
    }

    public struct StartFailure: Error { let log: String }

    private static let starting = Mutex<Task<SeaweedServer, any Error>?>(nil)

    /// The server of this process, started by whoever asks first.
    public static func shared() async throws -> SeaweedServer {
        let task = starting.withLock { task in
            if let task { return task }
            let new = Task { try await start() }
            task = new
            return new
        }
        return try await task.value
    }

    public var endpoint: String { "http://127.0.0.1:\(port)" }

    /// A place in the bucket that no other test uses.
    public func location(prefix: String? = nil) throws -> S3Location {
        let prefix = prefix ?? "t\(UInt64.random(in: .min ... .max))"
        return try S3Location("s3://\(Self.bucket)/\(prefix)?endpoint=\(endpoint)")
    }

    /// A store's settings on this server.
    public func configuration(_ location: S3Location? = nil, folder: String) throws -> S3Configuration {
        var configuration = S3Configuration(
            location: try location ?? self.location(), folder: folder, environment: [:])
        configuration.credentials = credentials
        return configuration
    }

    private static let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".deps/seaweedfs/weed").path

    private static func start() async throws -> SeaweedServer {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw StartFailure(log: "\(program) is missing; run scripts/bootstrap --test")
        }
        let ports = try FreePorts.take(8)
        let server = try SeaweedServer(ports: ports)
        for _ in 0..<600 {
            if await server.isReady() { return server }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw StartFailure(log: server.log)
    }

    private let folder: String

    private init(ports: [Int]) throws {
        folder = FileManager.default.temporaryDirectory.path + "/imago-seaweed-\(UInt64.random(in: .min ... .max))"
        port = ports[0]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let identities = """
            {"identities":[{"name":"t","credentials":[{"accessKey":"\(credentials.accessKeyID)",\
            "secretKey":"\(credentials.secretAccessKey)"}],"actions":["Admin","Read","List","Tagging","Write"]}]}
            """
        try identities.write(toFile: folder + "/identities.json", atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c",
            """
            folder=$1; shift
            "$@" >"$folder/log" 2>&1 </dev/null & server=$!
            read -r _
            kill -9 $server; wait $server; rm -rf "$folder"
            """,
            "sh", folder, Self.program, "server", "-dir=\(folder)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=20", "-s3", "-s3.port=\(ports[0])",
            "-s3.port.grpc=\(ports[1])", "-master.port=\(ports[2])", "-master.port.grpc=\(ports[3])",
            "-volume.port=\(ports[4])", "-volume.port.grpc=\(ports[5])", "-filer.port=\(ports[6])",
            "-filer.port.grpc=\(ports[7])", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-s3.config=\(folder)/identities.json", "-s3.domainName=\(Self.domain)",
        ]
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder, "GOMEMLIMIT": "512MiB"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let input = Pipe()
        // Another child with this end open would keep the server alive.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        watcher = Mutex(Watcher(process: process, input: input))
    }

    private var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// Whether the bucket is there and takes an object.
    private func isReady() async -> Bool {
        for path in ["/\(Self.bucket)", "/\(Self.bucket)/ready"] {
            guard let status = try? await put(path), status == 200 || status == 409 else { return false }
        }
        return true
    }

    private func put(_ path: String) async throws -> UInt {
        let signer = RequestSigner(credentials: credentials, region: "us-east-1")
        var request = HTTPClientRequest(url: endpoint + path)
        request.method = .PUT
        let body = Array("ready".utf8)
        request.body = path.hasSuffix("/ready") ? .bytes(body) : nil
        let headers = signer.signedHeaders(
            method: "PUT", path: path, query: [], headers: [Field("host", "127.0.0.1:\(port)")],
            payloadHash: ContentHash(sha256Of: request.body == nil ? [] : body).hex, at: Date().timeIntervalSince1970)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        return try await HTTPClient.shared.execute(request, timeout: .seconds(10)).status.code
    }
}

/// Ports of the loopback interface that nobody listened on a moment ago.
public enum FreePorts {
    struct Failure: Error {}

    public static func take(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw Failure() }
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard bound else { throw Failure() }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
