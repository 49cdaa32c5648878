import Domain
import Foundation
import Inference
import Synchronization
import Testing

@testable import ModelStore

/// Fetching and installing, against a hub on the loopback interface that behaves and misbehaves as hubs do.
@Suite struct PullTests {
    /// A store in a folder of its own, and a hub that has the model of `TinyEntry`.
    private func with(
        token: String? = nil, readTimeout: Double = 60,
        _ body: @Sendable (FakeHub, ModelStore, HubClient) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        try await FakeHub.run { hub in
            for file in TinyEntry.entry.files { hub.add(file.path, try TinyEntry.bytes(file.name)) }
            let store = ModelStore(folder: folder.path + "/models")
            let address = try HubAddress(endpoint: hub.address, token: token)
            try await HubClient.with(address, readTimeout: readTimeout, sleep: { _ in await Task.yield() }) {
                try await body(hub, store, $0)
            }
        }
    }

    private func pull(
        _ store: ModelStore, _ client: HubClient, _ entry: CatalogueEntry = TinyEntry.entry, accepts: Bool = true
    ) async throws {
        try await store.pull(entry, from: client, acceptsLicense: accepts, validate: TinyEntry.load)
    }

    private func code(_ body: () async throws -> Void) async -> ModelStoreError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? ModelStoreError)?.code }
    }

    private func isEmpty(_ store: ModelStore) -> Bool { store.installed().isEmpty }

    @Test func aModelIsFetchedCheckedAndInstalled() async throws {
        try await with { hub, store, client in
            let seen = Mutex<[PullProgress]>([])
            try await store.pull(
                TinyEntry.entry, from: client, acceptsLicense: true, validate: TinyEntry.load,
                progress: { step in seen.withLock { $0.append(step) } })
            let installed = try #require(store.installed("tiny-clip"))
            let manifest = try #require(installed.manifest)
            #expect(manifest.source == "\(hub.address)/org/tiny/tree/\(FakeHub.commit)")
            #expect(manifest.image.input == "pixel_values" && manifest.image.output == "image_embeds")
            #expect(manifest.text.ids == "input_ids" && manifest.text.mask == nil)
            #expect(manifest.model.preprocessing == TinyEntry.entry.preprocessing)
            #expect(manifest.model.license.contains("Tiny License"))
            try store.verify("tiny-clip")
            try await TinyEntry.load(installed.folder)
            let steps = seen.withLock { $0 }
            #expect(Set(steps.map(\.number)) == [1, 2, 3])
            #expect(steps.allSatisfy { $0.count == 3 && $0.bytes <= $0.total ?? 0 })
            let names = try FileManager.default.contentsOfDirectory(atPath: store.folder)
            #expect(names == ["tiny-clip"])
            #expect(await code { try await pull(store, client) } == .alreadyInstalled)
        }
    }

    @Test func theTokenGoesToTheHubAndNowhereElse() async throws {
        try await with(token: FakeHub.token) { hub, store, client in
            hub.redirectToStore()
            hub.requireToken()
            try await pull(store, client)
            try store.verify("tiny-clip")
            let (own, others) = (hub.seen.filter { $0.host == "127.0.0.1" }, hub.seen.filter { $0.host == "localhost" })
            #expect(own.count == 3 && own.allSatisfy { $0.authorization == "Bearer \(FakeHub.token)" })
            #expect(others.count == 3 && others.allSatisfy { $0.authorization == nil })
        }
    }

    @Test func whatWasCutOffIsResumed() async throws {
        try await with { hub, store, client in
            hub.redirectToStore()
            hub.fail("onnx/vision_model.onnx", .cut(1000), .cut(0), .cut(2000))
            try await pull(store, client)
            try store.verify("tiny-clip")
            let ranges = hub.seen.filter { $0.host == "localhost" && $0.path.hasSuffix("vision_model.onnx") }
                .map(\.range)
            #expect(ranges == [nil, "bytes=1000-", "bytes=1000-", "bytes=3000-"])
        }
    }

    @Test func aLaterPullGoesOnWhereAnEarlierStopped() async throws {
        try await with { hub, store, client in
            hub.fail("onnx/text_model.onnx", .cut(500), .status(403))
            #expect(await code { try await pull(store, client) } == .notPermitted)
            #expect(isEmpty(store))
            try await pull(store, client)
            try store.verify("tiny-clip")
            #expect(hub.seen.last { $0.path.hasSuffix("text_model.onnx") }?.range == "bytes=500-")
            // What was whole is not fetched again.
            #expect(hub.seen.last { $0.path.hasSuffix("vision_model.onnx") }?.range?.hasPrefix("bytes=") == true)
        }
    }

    @Test(arguments: [FakeHub.Fault.ignoresRange, .wrongRange, .status(416)])
    func aHubThatDoesNotGoOnIsReadFromTheStart(fault: FakeHub.Fault) async throws {
        try await with { hub, store, client in
            hub.fail("onnx/vision_model.onnx", .cut(700), fault)
            try await pull(store, client)
            try store.verify("tiny-clip")
        }
    }

    @Test func wrongContentIsNotInstalled() async throws {
        try await with { hub, store, client in
            hub.set(tag: String(repeating: "ab", count: 32), of: "onnx/text_model.onnx")
            #expect(await code { try await pull(store, client) } == .wrongContent)
            #expect(isEmpty(store))
            #expect(!FileManager.default.fileExists(atPath: store.folder + "/.partial-tiny-clip/text.onnx"))
            // A checksum of the catalogue counts for more than the hub's word.
            let pinned = TinyEntry.entry(imageHash: String(repeating: "0", count: 64))
            #expect(await code { try await pull(store, client, pinned) } == .wrongContent)
        }
    }

    @Test func anotherFilesBeginningIsThrownAway() async throws {
        try await with { hub, store, client in
            let staging = store.folder + "/.partial-tiny-clip"
            try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
            try Data(repeating: 7, count: 900).write(to: URL(filePath: staging + "/image.onnx"))
            try await pull(store, client)
            try store.verify("tiny-clip")
        }
    }

    @Test func smallFilesAreKnownByGitsChecksum() async throws {
        try await with { hub, store, client in
            // What `git hash-object` prints for the bytes "hello\n", as the rule's own example.
            let folder = TemporaryFolder()
            try Data("hello\n".utf8).write(to: URL(filePath: folder.path + "/x"))
            #expect(try Disk.digest(folder.path + "/x").git == "ce013625030ba8dba906f756967f9e9ca394464a")
            let own = try Disk.digest(TinyEntry.path("tokenizer.json")).git
            hub.set(tag: own, of: "tokenizer.json")
            try await pull(store, client)
            try store.remove("tiny-clip")
            hub.set(tag: "ce013625030ba8dba906f756967f9e9ca394464a", of: "tokenizer.json")
            #expect(await code { try await pull(store, client) } == .wrongContent)
            hub.set(tag: nil, of: "tokenizer.json")
            #expect(await code { try await pull(store, client) } == .hubFailed)
        }
    }

    @Test(arguments: [
        (404, ModelStoreError.Code.notFound), (401, .notPermitted), (403, .notPermitted), (400, .hubFailed),
    ])
    func refusalsAreTold(status: Int, expected: ModelStoreError.Code) async throws {
        try await with { hub, store, client in
            hub.fail("onnx/vision_model.onnx", .status(status))
            #expect(await code { try await pull(store, client) } == expected)
            #expect(isEmpty(store) && hub.seen.count == 1)
        }
    }

    @Test func aBusyOrSilentHubIsAskedAgain() async throws {
        try await with(readTimeout: 1.5) { hub, store, client in
            hub.fail("onnx/vision_model.onnx", .status(503), .status(429), .silent)
            try await pull(store, client)
            try store.verify("tiny-clip")
        }
        try await with { hub, store, client in
            for _ in 0..<5 { hub.fail("onnx/vision_model.onnx", .status(503)) }
            #expect(await code { try await pull(store, client) } == .hubFailed)
            #expect(hub.seen.count == 5)
        }
    }

    @Test func withoutAConnectionItSaysWhatToFetch() async throws {
        let folder = TemporaryFolder()
        let store = ModelStore(folder: folder.path)
        // Nothing listens on the port of an application that is gone.
        let gone = try await FakeHub.run { $0.address }
        try await HubClient.with(try HubAddress(endpoint: gone), sleep: { _ in }) { client in
            do {
                try await pull(store, client)
                Issue.record("it was fetched")
            } catch let error as ModelStoreError {
                #expect(error.code == .offline)
                for file in TinyEntry.entry.files {
                    #expect(error.hint?.contains("\(gone)/org/tiny/resolve/main/\(file.path)") == true)
                }
                #expect(error.hint?.contains("imago models pull tiny-clip --from") == true)
            }
        }
    }

    @Test(arguments: [true, false])
    func filesFetchedElsewhereAreInstalled(asInTheRepository: Bool) async throws {
        let folder = TemporaryFolder()
        let store = ModelStore(folder: folder.path + "/models")
        let source = folder.path + "/source"
        try FileManager.default.createDirectory(atPath: source + "/onnx", withIntermediateDirectories: true)
        for file in TinyEntry.entry.files {
            let name = asInTheRepository ? file.path : file.name
            try Data(try TinyEntry.bytes(file.name)).write(to: URL(filePath: "\(source)/\(name)"))
        }
        try await store.pull(
            TinyEntry.entry, fromFolder: source, acceptsLicense: true, validate: TinyEntry.load)
        try store.verify("tiny-clip")
        try store.remove("tiny-clip")
        try FileManager.default.removeItem(atPath: source + (asInTheRepository ? "/onnx" : "/image.onnx"))
        #expect(
            await code {
                try await store.pull(
                    TinyEntry.entry, fromFolder: source, acceptsLicense: true, validate: TinyEntry.load)
            } == .notFound)
    }

    @Test func aLicenceThatNeedsConsentIsAskedForFirst() async throws {
        try await with { hub, store, client in
            #expect(await code { try await pull(store, client, accepts: false) } == .licenseNotAccepted)
            #expect(hub.seen.isEmpty)
        }
    }

    @Test func aModelThatDoesNotRunIsNotInstalled() async throws {
        try await with { hub, store, client in
            hub.add("onnx/text_model.onnx", Array("no graph".utf8))
            await #expect(throws: ModelError.self) { try await pull(store, client) }
            #expect(isEmpty(store))
        }
        try await with { hub, store, client in
            let wide = TinyEntry.entry(dimension: 17)
            #expect(await code { try await pull(store, client, wide) } == .unusable)
            #expect(isEmpty(store))
        }
    }
}
