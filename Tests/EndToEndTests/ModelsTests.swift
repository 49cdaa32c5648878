import Domain
import Foundation
import Testing

/// `imago models`, as a person at the command line has it.
@Suite struct ModelsTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func models(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (result: Command.Result, json: JSONValue?) {
        let result = try await Command.run(
            Command.imago, ["models"] + arguments + ["--data-dir", folder.path + "/data"], environment: environment)
        return (result, try? JSONValue(parsing: result.output))
    }

    private func inUse() async throws -> String? {
        try await models("list", "--json").json?["in_use"]?.string
    }

    @Test func aModelIsAddedChosenAndRemoved() async throws {
        #expect(try await inUse() == "built-in")
        let added = try await models("add", Command.package + "/Models/starter", "--json")
        #expect(added.json?["name"]?.string == "starter-1", "\(added.result)")
        #expect(try await models("use", "starter-1").result.status == 0)
        #expect(try await inUse() == "starter-1")
        #expect(try await models("verify").result.output == "starter-1: in order\n")

        let refused = try await models("remove", "starter-1").result
        #expect(refused.status == 1 && refused.errors.contains("is the model in use"))
        let path = folder.path + "/data/models/starter-1/vocab.txt"
        try Data("[PAD]".utf8).write(to: URL(fileURLWithPath: path))
        let broken = try await models("verify", "starter-1", "--json")
        #expect(broken.result.status == 1 && broken.json?["models"]?.array?[0]["ok"]?.bool == false)

        #expect(try await models("use", "built-in").result.status == 0)
        #expect(try await models("remove", "starter-1").result.status == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
        let gone = try await models("use", "starter-1").result
        #expect(gone.status == 1 && gone.errors.contains("no model named starter-1"))
    }

    @Test func theCatalogueIsListedWithItsLicences() async throws {
        let list = try #require(try await models("list", "--json").json?["models"]?.array)
        let mobile = try #require(list.first { $0["name"]?.string == "mobileclip2-s0" })
        #expect(mobile["license_needs_consent"]?.bool == true && mobile["installed"]?.bool == false)
        let table = try await models("list").result.output
        #expect(table.contains("siglip2-b-16-256") && table.contains("can be fetched"))

        let refused = try await models("pull", "mobileclip2-s0").result
        #expect(refused.status == 1 && refused.errors.contains("--accept-license"))
        #expect(try await models("pull", "no-such-model").result.status == 64)
    }

    @Test func withoutAConnectionPullSaysWhatToFetch() async throws {
        // Port 9 of this machine: nothing listens there.
        let offline = try await models(
            "pull", "siglip-b-16-224", environment: ["HF_ENDPOINT": "http://127.0.0.1:9"]
        ).result
        #expect(offline.status == 69)
        #expect(
            offline.errors.contains(
                "http://127.0.0.1:9/Xenova/siglip-base-patch16-224/resolve/main/onnx/text_model.onnx as text.onnx"))
        #expect(offline.errors.contains("imago models pull siglip-b-16-224 --from"))
    }
}
