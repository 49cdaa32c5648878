import Domain
import Foundation
import Testing

/// The published API's own samples, changed in nothing but address, key and file names.
@Suite struct ClientSamplesTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func curl() async throws {
        let server = try await TestServer.start(in: folder)
        let key = try #require(server.key)
        let pictures = Command.fixtures + "/pictures"
        let upload = try await Command.run(
            "/usr/bin/curl",
            [
                "-sS", "-X", "POST", "\(server.url)/v1/images/upload", "-H", "X-Api-Key: \(key)",
                "-F", "images=@\(pictures)/beach.jpg", "-F", "images=@\(pictures)/clock.jpg",
                "-F",
                #"metadata={"requests":[{"indexing_config":{"index":true},"metadata":{}},{"indexing_config":{"index":true},"metadata":{}}]}"#,
            ])
        let results = try #require(try JSONValue(parsing: upload.output)["results"]?.array)
        #expect(results.count == 2)
        for result in results {
            #expect(result["image_metadata"] == [:] && result["indexing_status"] == 1)
            #expect(
                result["upload_timestamp"]?.number != nil && result["image_url"]?.string?.hasPrefix(server.url) == true)
        }
        let id = try #require(results[0]["image_id"]?.string)
        let get = try await Command.run(
            "/usr/bin/curl", ["-sS", "-X", "GET", "\(server.url)/v1/images/\(id)", "-H", "X-Api-Key: \(key)"])
        #expect(try JSONValue(parsing: get.output)["image_id"] == .string(id))
        let list = try await Command.run(
            "/usr/bin/curl",
            ["-sS", "-X", "GET", "\(server.url)/v1/images?limit=20&offset=0", "-H", "X-Api-Key: \(key)"])
        #expect(try JSONValue(parsing: list.output)["results"]?.array?.count == 2)
        let delete = try await Command.run(
            "/usr/bin/curl", ["-sS", "-X", "DELETE", "\(server.url)/v1/images/\(id)", "-H", "X-Api-Key: \(key)"])
        #expect(
            try JSONValue(parsing: delete.output) == [
                "status": "success", "message": "Image ID deleted successfully", "image_id": .string(id),
            ])
        await server.stop()
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Command.python), "run scripts/bootstrap --test first"))
    func python() async throws {
        let server = try await TestServer.start(in: folder)
        let result = try await Command.run(
            Command.python, [Command.fixtures + "/samples.py"],
            environment: [
                "BASE_URL": server.url, "API_KEY": try #require(server.key), "PICTURES": Command.fixtures + "/pictures",
            ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("Upload successful:") && result.output.contains("Delete successful:"))
        await server.stop()
    }
}
