@testable import Composition
import Foundation
import Testing

@Suite struct ConfigurationTests {
    private func load(
        _ flags: [String: String] = [:], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> ServerConfiguration {
        try await ServerConfiguration.load(flags: flags, environment: environment, file: file)
    }

    @Test func everyOptionHasADefaultThatWorks() async throws {
        let configuration = try await load([:], ["HOME": "/home/someone"])
        #expect(configuration.host == "127.0.0.1" && configuration.port == 8080)
        #expect(configuration.dataDirectory == "/home/someone/.local/share/imago")
        #expect(configuration.maximumFileBytes == 64 << 20 && configuration.urlLifetime == 86400)
        #expect(configuration.uploadsPerMinute == nil && configuration.publicURL == nil && configuration.makesFirstKey)
        let names = ServerConfiguration.options.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func flagsWinOverVariablesAndVariablesOverTheFile() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/imago.yaml"
        try "port: 1111\nhost: 10.0.0.1\nmax-files: 7\nfirst-key: false\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let environment = ["IMAGO_PORT": "2222", "IMAGO_HOST": "10.0.0.2", "IMAGO_MAX_PIXELS": ""]
        let configuration = try await load(["port": "3333"], environment, file: file)
        #expect(configuration.port == 3333 && configuration.host == "10.0.0.2" && configuration.maximumFiles == 7)
        #expect(!configuration.makesFirstKey && configuration.maximumPixels == 100_000_000)
        let json = folder.path + "/imago.json"
        try #"{"port": 4444, "rate-limit-uploads": 5, "url-lifetime": "2h"}"#.write(
            toFile: json, atomically: true, encoding: .utf8)
        let other = try await load([:], [:], file: json)
        #expect(other.port == 4444 && other.uploadsPerMinute == 5 && other.urlLifetime == 7200)
    }

    @Test(arguments: [
        ("port", "65536"), ("port", "http"), ("max-file-bytes", "0"), ("max-file-bytes", "12 apples"),
        ("max-file-bytes", "99999999999999TiB"), ("url-lifetime", "1s"), ("url-lifetime", "nan"),
        ("idle-timeout", "0x10"), ("precision", "f16"), ("log-level", "loud"), ("first-key", "maybe"),
        ("public-url", "images.example.com"), ("public-url", "https://"), ("public-url", "https://a/?b"),
        ("public-url", "https://user@host"), ("rate-limit-reads", "-1"), ("host", ""),
    ])
    func aSettingThatCannotBeUsedIsNamed(option: String, value: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await load([option: value]) }
        #expect(error?.option == option)
    }

    @Test func whatIsNoOptionIsRefused() async throws {
        await #expect(throws: ConfigurationError.self) { try await load(["prot": "1"]) }
        await #expect(throws: ConfigurationError.self) { try await load(file: "/nonexistent/imago.yaml") }
    }

    @Test(
        arguments: [
            ("1000", 1000), ("1KiB", 1024), ("1.5 MiB", 1_572_864), ("2GB", 2_000_000_000), ("7b", 7),
        ] as [(String, Int64)])
    func sizes(text: String, bytes: Int64) async throws {
        #expect(try await load(["max-file-bytes": text]).maximumFileBytes == bytes)
    }

    @Test(arguments: [("90", 90.0), ("1500ms", 1.5), ("2m", 120), ("0.5h", 1800)])
    func durations(text: String, seconds: Double) async throws {
        #expect(try await load(["idle-timeout": text]).idleTimeout == seconds)
    }

    @Test func publicURLsLoseTheirLastSlash() async throws {
        #expect(try await load(["public-url": "https://a.example/imago/"]).publicURL == "https://a.example/imago")
    }
}
