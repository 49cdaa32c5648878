import Domain
import Foundation
import Testing

/// The commands that people script against, run as they would be.
@Suite struct CommandTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private var data: String { folder.path + "/data" }

    private func imago(_ arguments: String..., environment: [String: String] = [:]) async throws -> Command.Result {
        try await Command.run(
            Command.imago, arguments, environment: ["HOME": folder.path].merging(environment) { _, new in new })
    }

    @Test func keysAreMadeListedAndRevoked() async throws {
        let made = try await imago("keys", "create", "--account", "press", "--data-dir", data)
        #expect(made.status == 0 && made.errors.isEmpty)
        let key = try #require(made.output.wholeMatch(of: #/(imago_[0-9A-Za-z]{20,})\n/#)?.1)
        let short = try await imago("keys", "create", "--account", "press", "--expires-in", "12h", "--data-dir", data)
        #expect(short.status == 0)

        let listed = try await imago("keys", "list", "--json", "--data-dir", data)
        let keys = try #require(try JSONValue(parsing: listed.output)["keys"]?.array)
        #expect(keys.count == 2 && keys.allSatisfy { $0["account"] == "press" && $0["valid"] == true })
        #expect(keys[0]["expires_at"] == .null && keys[1]["expires_at"]?.number != nil)
        #expect(!listed.output.contains(key))
        let table = try await imago("keys", "list", "--data-dir", data)
        #expect(table.status == 0 && table.output.contains("press") && !table.output.contains(key))

        let id = try #require(keys[0]["id"]?.string)
        #expect(try await imago("keys", "revoke", id, "--data-dir", data).status == 0)
        let again = try await imago("keys", "revoke", id, "--data-dir", data)
        #expect(again.status == 1 && again.output.isEmpty && again.errors.contains("revoked before"))
        #expect(try await imago("keys", "revoke", "imago_nosuch", "--data-dir", data).status == 1)
        // The whole key names itself.
        #expect(try await imago("keys", "revoke", String(short.output.dropLast()), "--data-dir", data).status == 0)
        for arguments in [
            ["keys", "create"], ["keys", "create", "--account", "a", "--expires-in", "soon"], ["keys", "revoke"],
        ] {
            #expect(try await Command.run(Command.imago, arguments).status == 64, "\(arguments)")
        }
        let nobody = try await imago("keys", "create", "--account", "", "--data-dir", data)
        #expect(nobody.status == 64 && nobody.output.isEmpty)
    }

    @Test func imagesAreImportedFoundListedFetchedAndDeleted() async throws {
        let server = try await TestServer.start(in: folder)
        let environment = ["IMAGO_URL": server.url, "IMAGO_API_KEY": try #require(server.key)]
        func client(_ arguments: [String]) async throws -> Command.Result {
            try await Command.run(
                Command.imago, arguments, environment: ["HOME": folder.path].merging(environment) { _, new in new })
        }
        let source = folder.path + "/pictures"
        try FileManager.default.createDirectory(atPath: source + "/deep/er", withIntermediateDirectories: true)
        let fixtures = Command.fixtures + "/pictures/"
        try FileManager.default.copyItem(atPath: fixtures + "orange.jpg", toPath: source + "/orange.jpg")
        try FileManager.default.copyItem(atPath: fixtures + "piano.jpg", toPath: source + "/deep/er/piano.jpg")
        try FileManager.default.copyItem(atPath: fixtures + "piano.jpg", toPath: source + "/deep/copy.png")
        try "no image".write(toFile: source + "/notes.txt", atomically: true, encoding: .utf8)
        try "no image".write(toFile: source + "/lies.jpg", atomically: true, encoding: .utf8)

        let first = try await client(["import", source, "--wait", "--json", "--metadata", #"{"camera_id":"7"}"#])
        let report = try JSONValue(parsing: first.output)
        #expect(first.status == 0 && report["complete"] == true, "\(first.output) \(first.errors)")
        #expect(report["imported"]?.array?.count == 2, "\(first.output)")
        let again = try await client(["import", source, "--json"])
        let second = try JSONValue(parsing: again.output)
        #expect(
            again.status == 0 && second["imported"]?.array?.isEmpty == true
                && second["already_there"]?.array?.count == 3)
        // What is new goes on from there.
        try FileManager.default.copyItem(atPath: fixtures + "clock.jpg", toPath: source + "/clock.jpg")
        let third = try await client(["import", source, "--wait"])
        #expect(third.status == 0 && third.output.contains("1 image imported"), "\(third.output)")

        let found = try await client(["search", "an orange fruit", "--json", "--limit", "1"])
        let hit = try #require(try JSONValue(parsing: found.output)["results"]?.array?.first)
        let id = try #require(hit["image_id"]?.string)
        #expect(hit["score"]?.number?.double ?? 0 > 0 && hit["image_metadata"]?["camera_id"] == "7")
        let words = try await client(["search", "an orange fruit"])
        #expect(words.status == 0 && words.output.contains(id))
        let example = try await client(["search", "--image", fixtures + "orange.jpg", "--limit", "1", "--json"])
        #expect(try JSONValue(parsing: example.output)["results"]?.array?.first?["image_id"]?.string == id)

        let list = try JSONValue(parsing: try await client(["list", "--json", "--filter", "meta.camera_id=7"]).output)
        #expect(list["total"] == 2 && list["results"]?.array?.count == 2)
        #expect(try await client(["list", "--limit", "1"]).output.contains("1 of 3 images"))

        let details = try JSONValue(parsing: try await client(["get", id, "--json"]).output)
        #expect(details["image_id"]?.string == id && details["indexing_status"] == 2)
        let target = folder.path + "/fetched.jpg"
        #expect(try await client(["get", id, "--output", target]).status == 0)
        let fetched = try Data(contentsOf: URL(fileURLWithPath: target))
        #expect(fetched == (try Data(contentsOf: URL(fileURLWithPath: fixtures + "orange.jpg"))))
        #expect(try await client(["get", id, "--output", target]).status == 1)

        let deleted = try JSONValue(parsing: try await client(["delete", id, "--json"]).output)
        #expect(deleted["deleted"] == [.string(id)])
        #expect(try await client(["delete", id, "--json"]).status == 1)
        #expect(try await client(["get", id]).status == 1)
        #expect(try await client(["delete", "--filter", "meta.camera_id=7"]).status == 64)
        #expect(
            try await client(["delete", "--filter", "meta.camera_id=7", "--yes"]).output.contains("1 image deleted"))

        let status = try JSONValue(parsing: try await client(["status", "--json"]).output)
        #expect(status["ready"] == true && status["images"]?["indexed"] == 1, "\(status.jsonText)")
        let busy = try await client(["fsck", "--data-dir", data])
        #expect(busy.status == 1 && busy.errors.contains("running on the data folder"), "\(busy.errors)")
        await server.stop()

        let check = try await client(["fsck", "--read", "--json", "--data-dir", data])
        let checked = try JSONValue(parsing: check.output)
        #expect(check.status == 0 && checked["problems"] == 0)
        let gone = try await client(["list"])
        #expect(gone.status == 69 && gone.errors.contains("Is the server running?"))
    }

    @Test func aWrongKeyIsToldAsSuch() async throws {
        let server = try await TestServer.start(in: folder)
        for environment in [["IMAGO_API_KEY": "imago_wrong"], [:]] {
            let answer = try await imago("list", "--url", server.url, environment: environment)
            #expect(answer.status == 77 && answer.output.isEmpty && answer.errors.contains("imago keys create"))
        }
        let file = folder.path + "/key"
        try (try #require(server.key) + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await imago("list", "--url", server.url, "--api-key-file", file).status == 0)
        await server.stop()
    }

    @Test func doctorSaysWhatWillNotWork() async throws {
        let well = try await imago("doctor", "--json", "--data-dir", data, "--port", "0")
        let checks = try JSONValue(parsing: well.output)
        #expect(well.status == 0 && checks["ok"] == true, "\(well.output) \(well.errors)")
        #expect(checks["checks"]?.array?.count ?? 0 >= 4)
        let broken = try await imago("doctor", "--data-dir", data, "--port", "0", "--model-dir", folder.path)
        #expect(broken.status == 1 && broken.output.contains("FAIL"), "\(broken.output)")
    }

    @Test func helpAndVersion() async throws {
        #expect(try await imago("--version").output.contains(#/^\d+\.\d+\.\d+/#))
        let version = try await imago("version", "--url", "http://127.0.0.1:1")
        #expect(version.status == 0 && version.output.contains(#/^imago \d+\.\d+\.\d+/#))
        let help = try await imago("serve", "--help")
        #expect(help.status == 0)
        for text in [
            "--host", "IMAGO_HOST", "--port", "IMAGO_PORT", "--data-dir", "IMAGO_DATA_DIR", "--public-url",
            "IMAGO_PUBLIC_URL",
            "--config", "--max-file-bytes", "--rate-limit-uploads", "--model-dir", "IMAGO_MODEL_DIR", "8080", "64MiB",
        ] {
            #expect(help.output.contains(text), "\(text)")
        }
        let root = try await imago("--help")
        for command in [
            "serve", "import", "search", "list", "get", "delete", "keys", "status", "doctor", "fsck", "version",
        ] {
            #expect(root.output.contains(command), "\(command)")
        }
        #expect(try await imago("paint").status == 64)
    }

    @Test func settingsComeFromFlagsEnvironmentAndFile() async throws {
        for (arguments, environment, text) in [
            (["serve", "--port", "notaport"], [:], "port"), (["serve"], ["IMAGO_PORT": "70000"], "port"),
            (["serve", "--max-files", "0"], [:], "max-files"),
            (["serve", "--config", "/nonexistent.yaml"], [:], "nonexistent.yaml"),
            (["serve", "--model-dir", "/nonexistent", "--port", "0"], [:], "/nonexistent"),
        ] as [([String], [String: String], String)] {
            let result = try await Command.run(
                Command.imago, arguments + ["--data-dir", data],
                environment: ["HOME": folder.path].merging(environment) { _, new in new })
            #expect(
                result.status != 0 && result.output.isEmpty && result.errors.contains(text),
                "\(arguments): \(result.errors)")
            // One clear line, perhaps after log lines.
            #expect(
                result.errors.split(separator: "\n").last { $0.hasPrefix("imago:") || $0.hasPrefix("Error:") } != nil,
                "\(result.errors)")
        }
        let server = try await TestServer.start(in: folder)
        let taken = try await imago("serve", "--port", String(server.port), "--data-dir", folder.path + "/other")
        #expect(taken.status == 1 && taken.errors.contains("is taken"), "\(taken.errors)")
        let folderTaken = try await imago("serve", "--port", "0", "--data-dir", data)
        #expect(
            folderTaken.status == 1 && folderTaken.errors.contains("another imago is running"), "\(folderTaken.errors)")
        await server.stop()
    }
}
