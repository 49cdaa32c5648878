import Domain
import Testing

@Suite struct AccountTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func twoAccountsCannotSeeEachOther() async throws {
        let server = try await TestServer.start(in: folder)
        let mine = Client(url: server.url, key: server.key)
        // Made beside the running server, printed alone.
        let made = try await Command.run(
            Command.imago, ["keys", "create", "--account", "other", "--data-dir", folder.path + "/data"])
        #expect(made.status == 0 && made.output.hasPrefix("imago_") && made.output.hasSuffix("\n"))
        let other = Client(url: server.url, key: String(made.output.dropLast()))

        let bytes = try Pictures.bytes("piano.jpg")
        let first = try await mine.upload([("piano.jpg", bytes)])
        let second = try await other.upload([("piano.jpg", bytes)])
        let myID = try #require(first.json["results"]?.array?.first?["image_id"]?.string)
        let otherID = try #require(second.json["results"]?.array?.first?["image_id"]?.string)
        _ = try await mine.settled(myID)
        _ = try await other.settled(otherID)

        #expect(try await other.get("/v1/images/\(myID)").status == 404)
        #expect(try await other.send(.DELETE, "/v1/images/\(myID)").status == 404)
        #expect(try await other.get("/v1/images/\(myID)/content").status == 404)
        #expect(try await other.get("/v1/images").json["total"] == 1)
        #expect(try await other.get("/v1/images?ids=\(myID)").json["total"] == 0)
        let like = try await other.post("/v1/images/search", json: ["image_id": .string(myID)])
        #expect(like.status == 404)
        let found = try await other.post("/v1/images/search", json: ["query": "a piano", "max_results": 200])
        #expect(found.json["results"]?.array?.compactMap { $0["image_id"]?.string } == [otherID])

        // Equal bytes are stored once and stay while one account has them.
        #expect(try await mine.send(.DELETE, "/v1/images/\(myID)").status == 200)
        #expect(try await other.get("/v1/images/\(otherID)/content").body == bytes)

        let listed = try await Command.run(
            Command.imago, ["keys", "list", "--json", "--data-dir", folder.path + "/data"])
        #expect(listed.output.contains("other") && !listed.output.contains(made.output.dropLast()))
        let revoked = try await Command.run(
            Command.imago,
            ["keys", "revoke", String(made.output.prefix(12)), "--data-dir", folder.path + "/data"])
        #expect(revoked.status == 0, "\(revoked.errors)")
        #expect(try await other.get("/v1/images").status == 401)
        #expect(try await mine.get("/v1/images").status == 200)
        await server.stop()
    }
}
