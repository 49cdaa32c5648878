import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import Testing

/// What a large request costs in memory.
@Suite(.serialized) struct MemoryTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// A line of `/proc/PID/status`, in MB.
    private func megabytes(_ name: String, _ server: TestServer) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(server.processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
        return try #require(Double(line.split(separator: " ").dropLast().last ?? "")) / 1024
    }

    /// 100 MB in 64 files, while they stream in. No more may be in memory than the pieces on their way to the disk, and one
    /// file's bytes for each thread that looks at them. The bound is less than the body, so that holding it whole would show;
    /// measured in a debug build were 6 MB.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/clear_refs"), "needs Linux"))
    func aHundredMegabytesStreamThrough() async throws {
        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: server.key)
        let small = try Pictures.bytes("maze.jpg")
        #expect(try await client.upload([("warm.jpg", small)]).status == 200)
        let files = (0..<64).map { ("\($0).bmp", Bitmap.noise(width: 740, height: 704, seed: UInt64($0 + 1))) }
        let body = Form.encode(files, metadata: ["indexing_config": ["index": false]])
        #expect(body.count > 100_000_000)

        // From here on the peak is counted anew.
        try "5".write(toFile: "/proc/\(server.processID)/clear_refs", atomically: false, encoding: .ascii)
        let idle = try megabytes("VmRSS", server)
        let answer = try await client.send(
            .POST, "/v1/images/upload", headers: [("Content-Type", "multipart/form-data; boundary=\(Form.boundary)")],
            body: .bytes(ByteBuffer(bytes: body)))
        #expect(answer.status == 200 && answer.json["results"]?.array?.count == 64)
        let peak = try megabytes("VmHWM", server)
        print("MemoryTests: \(Int(idle)) MB idle, \(Int(peak)) MB at the most")
        #expect(peak - idle < 64, "\(idle) MB idle, \(peak) MB at the most")
        await server.stop()
    }
}
