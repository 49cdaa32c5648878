import Domain
import Foundation
@testable import ImagoClient
import Synchronization
import Testing

/// The progress last told.
final class LastProgress: Sendable {
    private let state = Mutex(ImportProgress())
    func note(_ progress: ImportProgress) { state.withLock { $0 = progress } }
    var progress: ImportProgress { state.withLock { $0 } }
}

@Suite struct ImportStateTests {
    private let hash = ContentHash(bytes: Array(repeating: 7, count: 32))!
    private let id = ImageID("01890000-0000-7000-8000-000000000001")!
    private let other = ImageID("01890000-0000-7000-8000-000000000002")!

    @Test func whatIsRecordedIsReadAgain() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a/b/state.txt"
        do {
            let state = try ImportState(path: path)
            state.record([(hash, id), (hash, other), (hash, id)])
            state.forget([id])
            state.setListed(until: 1_764_000_000.125)
        }
        let state = try ImportState(path: path)
        #expect(state.ids(of: hash) == [other])
        #expect(state.listedUntil == 1_764_000_000.125)
        let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
    }

    @Test func aTornOrForeignFileIsNoTrouble() throws {
        let folder = try TemporaryFolder()
        let good = "+ \(hash) \(id)\n"
        let path = try folder.write(
            "state.txt", [0xFF, 0x00, 0x0A] + Array("what\n+ x y\n\(good)- nothing\n@ soon\n+ \(hash) 0189".utf8))
        let state = try ImportState(path: path)
        #expect(state.ids(of: hash) == [id])
        #expect(state.listedUntil == nil)
        state.record([(hash, other)])
        // The line after the torn one is lost with it at worst; what was there stays.
        #expect(try ImportState(path: path).ids(of: hash).contains(id))
    }

    @Test func twoImportsMayWriteAtOnce() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/state.txt"
        let states = [try ImportState(path: path), try ImportState(path: path)]
        let identifiers = IdentifierGenerator(clock: FixedClock())
        await withTaskGroup { group in
            for state in states {
                group.addTask { for _ in 0..<500 { state.record([(hash, identifiers.next())]) } }
            }
        }
        #expect(try ImportState(path: path).ids(of: hash).count == 1000)
    }

    @Test func eachServerAndKeyHasItsFile() throws {
        let environment = ["XDG_STATE_HOME": "/s", "HOME": "/h"]
        let one = try ServerAddress("http://a"), two = try ServerAddress("http://b")
        let paths = [
            ImportState.path(address: one, apiKey: "k", environment: environment),
            ImportState.path(address: two, apiKey: "k", environment: environment),
            ImportState.path(address: one, apiKey: "l", environment: environment),
        ]
        #expect(Set(paths).count == 3)
        #expect(paths.allSatisfy { $0.hasPrefix("/s/imago/import-") })
        #expect(
            ImportState.path(address: one, apiKey: "k", environment: ["HOME": "/h", "XDG_STATE_HOME": "relative"])
                .hasPrefix("/h/.local/state/imago/"))
    }
}

private struct FixedClock: TimeSource { var now: Double { 1_764_000_000 } }
