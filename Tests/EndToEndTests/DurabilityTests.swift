import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import Synchronization
import Testing

/// What the server answered 200 for: ids and bytes.
private final class Acknowledged: Sendable {
    let images = Mutex<[String: [UInt8]]>([:])
}

@Suite(.serialized) struct DurabilityTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func aRestartForgetsNothing() async throws {
        var server = try await TestServer.start(in: folder)
        let key = server.key
        var client = Client(url: server.url, key: key)
        let bytes = try Pictures.bytes("orange.jpg")
        let answer = try await client.upload(
            [("orange.jpg", bytes)], metadata: [["metadata": ["camera_id": "7", "n": 1.50]]])
        let id = try #require(answer.json["results"]?.array?.first?["image_id"]?.string)
        _ = try await client.settled(id)
        await server.stop()

        server = try await TestServer.start(in: folder)
        #expect(server.key == nil)
        client = Client(url: server.url, key: key)
        let image = try await client.get("/v1/images/\(id)").json
        #expect(image["indexing_status"] == 2 && image["image_metadata"]?.jsonText == #"{"camera_id":"7","n":1.5}"#)
        #expect(try await client.get("/v1/images/\(id)/content").body == bytes)
        let found = try await client.post("/v1/images/search", json: ["query": "an orange"])
        #expect(found.json["results"]?.array?.first?["image_id"] == .string(id))
        #expect(server.logText.contains("snapshot"))
        await server.stop()
    }

    /// Kills the server in the middle of uploads and of indexing, again and again: what was acknowledged is there, whole,
    /// and gets indexed; what was not is wholly absent or wholly there.
    @Test func whatWasAcknowledgedSurvivesAKill() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var key: String?
        let acknowledged = Acknowledged()
        let pictures = try Pictures.names.map { try Pictures.bytes($0) }
        for round in 0..<4 {
            let server = try await TestServer.start(in: folder)
            key = key ?? server.key
            let client = Client(url: server.url, key: key)
            let killAfter = Duration.milliseconds(Int(50 + (seed >> UInt64(round * 8)) % 900))
            await withTaskGroup { group in
                for worker in 0..<4 {
                    group.addTask {
                        var number = 0
                        while !Task.isCancelled {
                            number += 1
                            let unique = round * 1_000_000 + worker * 100_000 + number
                            let files = (0..<3).map { part in
                                (
                                    "p.jpg",
                                    Pictures.variant(of: pictures[(number + part) % pictures.count], unique * 3 + part)
                                )
                            }
                            guard let answer = try? await client.upload(files), answer.status == 200,
                                let results = answer.json["results"]?.array, results.count == 3
                            else { return }
                            acknowledged.images.withLock { known in
                                for (result, file) in zip(results, files) {
                                    if let id = result["image_id"]?.string { known[id] = file.1 }
                                }
                            }
                        }
                    }
                }
                group.addTask {
                    try? await Task.sleep(for: killAfter)
                    server.kill(SIGKILL)
                }
            }
            #expect(await server.waitForExit() == SIGKILL)
        }

        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: key)
        let expected = acknowledged.images.withLock { $0 }
        #expect(expected.count > 12, "the rounds were too short to prove anything")
        for (id, bytes) in expected {
            let image = try await client.settled(id)
            #expect(image["indexing_status"] == 2, "\(image.jsonText)")
            #expect(try await client.get("/v1/images/\(id)/content").body == bytes)
        }
        // Whole batches or nothing, nothing stuck, nothing half there.
        var cursor = ""
        var seen = 0
        repeat {
            let page = try await client.get("/v1/images?limit=1000&cursor=\(cursor)").json
            for image in page["results"]?.array ?? [] {
                seen += 1
                let id = try #require(image["image_id"]?.string)
                #expect(try await client.settled(id)["indexing_status"] == 2)
                #expect(try await client.send(.HEAD, "/v1/images/\(id)/content").status == 200)
            }
            cursor = page["next_cursor"]?.string ?? ""
        } while !cursor.isEmpty
        #expect(seen >= expected.count && seen % 3 == 0)
        await server.stop()
        let check = try await Command.run(Command.imago, ["fsck", "--mend", "--data-dir", folder.path + "/data"])
        let again = try await Command.run(Command.imago, ["fsck", "--data-dir", folder.path + "/data"])
        #expect(again.status == 0, "\(check.output) \(again.output)")
    }

    @Test func aStopCutsNoUpload() async throws {
        let server = try await TestServer.start(in: folder)
        let key = try #require(server.key)
        let client = Client(url: server.url, key: key)
        let body = Form.encode([("a.jpg", try Pictures.bytes("maze.jpg"))])
        let (stream, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
        async let answer = client.send(
            .POST, "/v1/images/upload",
            headers: [("Content-Type", "multipart/form-data; boundary=\(Form.boundary)")],
            body: .stream(stream, length: .known(Int64(body.count))))
        feed.yield(ByteBuffer(bytes: body.prefix(1000)))
        // Until the server has begun to receive it: the temporary file is there.
        let temporaries = folder.path + "/data/content/tmp"
        while try FileManager.default.contentsOfDirectory(atPath: temporaries).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        server.kill(SIGTERM)
        try await Task.sleep(for: .milliseconds(200))
        feed.yield(ByteBuffer(bytes: body.dropFirst(1000)))
        feed.finish()
        let result = try await answer
        #expect(result.status == 200)
        #expect(await server.waitForExit() == 0)

        let id = try #require(result.json["results"]?.array?.first?["image_id"]?.string)
        let next = try await TestServer.start(in: folder)
        #expect(try await Client(url: next.url, key: key).settled(id)["indexing_status"] == 2)
        await next.stop()
    }

    @Test func uploadsAndDeletesOfTheSameBytesDoNotLoseThem() async throws {
        let server = try await TestServer.start(in: folder)
        let client = Client(url: server.url, key: server.key)
        let bytes = try Pictures.bytes("candle.jpg")
        try await withThrowingTaskGroup { group in
            for worker in 0..<6 {
                group.addTask {
                    for round in 0..<15 {
                        let answer = try await client.upload([("c.jpg", bytes)])
                        #expect(answer.status == 200)
                        let id = try #require(answer.json["results"]?.array?.first?["image_id"]?.string)
                        #expect(try await client.get("/v1/images/\(id)/content").body == bytes)
                        if (worker + round) % 5 != 0 {
                            #expect(try await client.send(.DELETE, "/v1/images/\(id)").status == 200)
                            #expect(try await client.get("/v1/images/\(id)/content").status == 404)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let left = try await client.get("/v1/images?limit=1000").json
        #expect(left["total"] == 18)
        for image in left["results"]?.array ?? [] {
            let id = try #require(image["image_id"]?.string)
            #expect(try await client.get("/v1/images/\(id)/content").body == bytes)
            #expect(try await client.settled(id)["indexing_status"] == 2)
        }
        await server.stop()
        let check = try await Command.run(
            Command.imago, ["fsck", "--data-dir", folder.path + "/data"])
        #expect(check.status == 0, "\(check.output)")
    }
}
