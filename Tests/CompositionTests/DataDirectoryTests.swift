@testable import Composition
import Foundation
import Library
import Testing

@Suite struct DataDirectoryTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test func oneProcessOwnsAFolderUntilItLetsGo() throws {
        let data = try DataDirectory(path: folder.path + "/data")
        var lock: DataDirectoryLock? = try data.lock()
        let error = #expect(throws: StartError.self) { try data.lock() }
        #expect(error?.description.contains("another imago is running") == true)
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try data.lock()
    }

    @Test func nobodyElseCanReadTheFolder() throws {
        let data = try DataDirectory(path: folder.path + "/data")
        let mode = try FileManager.default.attributesOfItem(atPath: data.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func aFolderThatCannotBeMadeIsNamedInOneLine() throws {
        try "x".write(toFile: folder.path + "/file", atomically: true, encoding: .utf8)
        let error = #expect(throws: StartError.self) { try DataDirectory(path: folder.path + "/file/data") }
        #expect(error?.description.contains("/file/data") == true && error?.description.contains("\n") == false)
    }

    @Test func keysCanBeMadeBesideARunningServer() async throws {
        let data = try DataDirectory(path: folder.path + "/data")
        let lock = try data.lock()
        let text = try await Imago.withKeyRing(dataDirectory: data.path) { try await $0.create(accountName: "a").text }
        let found = try await Imago.withKeyRing(dataDirectory: data.path) { try await $0.authenticate(text) }
        #expect(found != nil)
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: [
        (["XDG_DATA_HOME": "/x", "HOME": "/h"], "/x/imago"), (["HOME": "/h"], "/h/.local/share/imago"),
        (["XDG_DATA_HOME": "relative", "HOME": "/h"], "/h/.local/share/imago"),
        (["IMAGO_DATA_DIR": "~/pictures", "HOME": "/h"], "/h/pictures"), (["IMAGO_DATA_DIR": "/d"], "/d"),
    ])
    func whereDataLies(environment: [String: String], path: String) {
        #expect(ServerConfiguration.dataDirectory(flag: nil, environment: environment) == path)
    }
}
