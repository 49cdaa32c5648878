import Domain
import Foundation
import Testing

/// Clients that stall, hang up, or speak no HTTP: nothing of theirs stays, and the server goes on.
@Suite struct HangUpTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private var temporaries: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/data/content/tmp").count) ?? -1
    }

    /// Waits for a number of temporary files, as long as a slow machine may take.
    private func expectTemporaries(_ isRight: (Int) -> Bool, _ comment: Comment) async throws {
        for _ in 0..<600 where !isRight(temporaries) { try await Task.sleep(for: .milliseconds(50)) }
        #expect(isRight(temporaries), "\(comment): \(temporaries) temporary files")
    }

    private func head(_ server: TestServer, length: Int?) -> String {
        """
        POST /v1/images/upload HTTP/1.1\r
        Host: localhost\r
        X-Api-Key: \(server.key ?? "")\r
        Content-Type: multipart/form-data; boundary=\(Form.boundary)\r
        \(length.map { "Content-Length: \($0)" } ?? "Transfer-Encoding: chunked")\r
        \r

        """
    }

    @Test func clientsThatHangUpInTheMiddleLeaveNothing() async throws {
        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: server.key)
        let picture = try Pictures.bytes("maze.jpg")
        let body = Form.encode([("a.jpg", picture), ("b.jpg", picture)])
        enum End: CaseIterable { case close, abort, endSending }
        for end in End.allCases {
            for isChunked in [false, true] {
                // In the second file, so that one is whole already.
                let part = Array(body.prefix(body.count - 500))
                let connection = try RawConnection(port: server.port)
                try connection.write(head(server, length: isChunked ? nil : body.count))
                try connection.write(isChunked ? Array("\(String(part.count, radix: 16))\r\n".utf8) + part : part)
                try await expectTemporaries({ $0 == 2 }, "\(end) before the end")
                switch end {
                case .close: connection.close()
                case .abort: connection.abort()
                case .endSending: connection.endSending()
                }
                try await expectTemporaries({ $0 == 0 }, "\(end) after the end, chunked: \(isChunked)")
                connection.close()
            }
        }
        #expect(try await client.get("/v1/images").json["total"] == 0)
        let blobs = FileManager.default.enumerator(atPath: folder.path + "/data/content/blobs")?.compactMap {
            $0 as? String
        }
        #expect(blobs?.contains { $0.count > 60 } != true)
        #expect(!server.logText.contains("ERROR"), "\(server.logText.suffix(3000))")
        #expect(try await client.upload([("a.jpg", picture)]).status == 200)
        await server.stop()
    }

    @Test func clientsThatStallAreGivenUpOn() async throws {
        // Long enough that a busy machine sees the temporary file while it is there.
        let server = try await TestServer.start(in: folder, options: ["--idle-timeout", "5s"])
        let client = Client(url: server.url, key: server.key)
        let body = Form.encode([("a.jpg", try Pictures.bytes("maze.jpg"))])
        let stalled = try (0..<3).map { _ in try RawConnection(port: server.port) }
        for (number, connection) in stalled.enumerated() {
            switch number {
            case 0: try connection.write("POST /v1/images/upl")
            case 1: try connection.write(head(server, length: body.count))
            default:
                try connection.write(head(server, length: body.count))
                try connection.write(body.prefix(2000))
                try await expectTemporaries({ $0 == 1 }, "while it stalls")
            }
        }
        try await expectTemporaries({ $0 == 0 }, "after it was given up on")
        // The server ended the connection, or answered and did.
        for connection in stalled { _ = connection.read() }
        #expect(try await client.get("/v1/images").json["total"] == 0)
        await server.stop()
    }

    @Test func whatIsNoHTTPIsRefused() async throws {
        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: server.key)
        let key = server.key ?? ""
        for request in [
            "nonsense\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0", "GET  HTTP/1.1\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nBad Header: x\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n",
            // Two lengths: which one is right is a way to smuggle a request.
            "POST /v1/images/search HTTP/1.1\r\nHost: x\r\nX-Api-Key: \(key)\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
            "POST /v1/images/search HTTP/1.1\r\nHost: x\r\nX-Api-Key: \(key)\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/images/search HTTP/1.1\r\nHost: x\r\nX-Api-Key: \(key)\r\nContent-Length: -1\r\n\r\n",
        ] {
            let connection = try RawConnection(port: server.port)
            try? connection.write(request)
            connection.endSending()
            let answer = connection.readText()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(request.prefix(60)): \(answer.prefix(200))")
        }
        #expect(try await client.get("/healthz").status == 200)
        await server.stop()
    }

    @Test func whoStopsReadingAnAnswerIsLetGo() async throws {
        let server = try await TestServer.start(in: folder, options: ["--idle-timeout", "10s"])
        let client = Client(url: server.url, key: server.key)
        // Larger than all buffers between here and there.
        let large = Bitmap.noise(width: 2600, height: 2600, seed: 1)
        let answer = try await client.upload([("large.bmp", large)], metadata: ["indexing_config": ["index": false]])
        let url = try #require(answer.json["results"]?.array?.first?["image_url"]?.string)
        let path = String(url.dropFirst(server.url.count))
        for reads in [0, 100_000] {
            let connection = try RawConnection(port: server.port)
            try connection.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if reads > 0 { #expect(connection.read(atMost: reads).starts(with: Array("HTTP/1.1 200".utf8))) }
            connection.close()
        }
        #expect(try await client.send(.GET, url).body == large)
        await server.stop()
    }

    /// As `curl` does for large files.
    @Test func whoAsksBeforeSendingIsAnswered() async throws {
        let server = try await TestServer.start(in: folder)
        let body = Form.encode([("a.jpg", try Pictures.bytes("maze.jpg"))])
        let connection = try RawConnection(port: server.port)
        try connection.write(
            head(server, length: body.count).replacing("\r\n\r\n", with: "\r\nExpect: 100-continue\r\n\r\n"))
        #expect(connection.readText(atMost: 25).hasPrefix("HTTP/1.1 100 Continue\r\n"))
        try connection.write(body)
        #expect(connection.readText(atMost: 15).hasPrefix("HTTP/1.1 200"))

        // Without a key nobody gets leave.
        let stranger = try RawConnection(port: server.port)
        try stranger.write(
            "POST /v1/images/upload HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
        )
        #expect(stranger.readText(atMost: 12) == "HTTP/1.1 401")
        await server.stop()
    }
}
