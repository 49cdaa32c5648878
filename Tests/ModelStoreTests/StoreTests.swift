import Domain
import Foundation
import Inference
import Testing

@testable import ModelStore

@Suite struct StoreTests {
    /// A store with the tiny model in it.
    private func store(_ folder: TemporaryFolder) async throws -> ModelStore {
        let store = ModelStore(folder: folder.path + "/models")
        let source = folder.path + "/source"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        for file in TinyEntry.entry.files {
            try Data(try TinyEntry.bytes(file.name)).write(to: URL(filePath: "\(source)/\(file.name)"))
        }
        try await store.pull(TinyEntry.entry, fromFolder: source, acceptsLicense: true, validate: TinyEntry.load)
        return store
    }

    @Test func aModelIsChosenAndKeptWhileItIs() async throws {
        let folder = TemporaryFolder()
        let store = try await store(folder)
        #expect(store.selected == nil)
        #expect(try store.selectedFolder() == nil)
        #expect(throws: ModelStoreError.self) { try store.select("other") }
        try store.select("tiny-clip")
        #expect(store.selected == "tiny-clip")
        #expect(try store.selectedFolder() == store.folder + "/tiny-clip")
        #expect(throws: ModelStoreError.self) { try store.remove("tiny-clip") }
        #expect(store.installed("tiny-clip") != nil)
        try store.select(nil)
        try store.remove("tiny-clip")
        #expect(store.installed().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder).isEmpty)
    }

    @Test func aChoiceThatIsGoneIsAnErrorAndNotAnotherModel() async throws {
        let folder = TemporaryFolder()
        let store = try await store(folder)
        try store.select("tiny-clip")
        try FileManager.default.removeItem(atPath: store.folder + "/tiny-clip")
        #expect(throws: ModelStoreError.self) { try store.selectedFolder() }
    }

    @Test func damageIsFound() async throws {
        let folder = TemporaryFolder()
        let store = try await store(folder)
        try store.verify("tiny-clip")
        let path = store.folder + "/tiny-clip/image.onnx"
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: path))
        #expect(throws: ModelError.self) { try store.verify("tiny-clip") }
        // Its size is as it was, so the list does not see it.
        #expect(store.installed("tiny-clip")?.fault == nil)
        try FileManager.default.removeItem(atPath: path)
        #expect(store.installed("tiny-clip")?.fault?.contains("image.onnx") == true)
    }

    @Test func aFolderIsAddedOnlyIfItRuns() async throws {
        let folder = TemporaryFolder()
        let first = try await store(folder)
        let second = ModelStore(folder: folder.path + "/others")
        let id = try await second.add(first.folder + "/tiny-clip", validate: TinyEntry.load)
        #expect(id == "tiny-clip" && second.installed(id)?.manifest == first.installed(id)?.manifest)
        await #expect(throws: ModelStoreError.self) {
            _ = try await second.add(first.folder + "/tiny-clip", validate: TinyEntry.load)
        }
        let third = ModelStore(folder: folder.path + "/thirds")
        struct DoesNotRun: Error {}
        await #expect(throws: DoesNotRun.self) {
            _ = try await third.add(first.folder + "/tiny-clip", validate: { _ in throw DoesNotRun() })
        }
        #expect(third.installed().isEmpty)
        await #expect(throws: ModelError.self) { _ = try await third.add(folder.path, validate: { _ in }) }
    }

    @Test func aCalibrationIsWrittenAndNothingElseChanges() async throws {
        let folder = TemporaryFolder()
        let store = try await store(folder)
        let before = try #require(store.installed("tiny-clip")?.manifest)
        try ModelStore.write(
            ScoreCalibration(slope: 31.25, intercept: -9.5), toModelIn: store.folder + "/tiny-clip")
        let after = try #require(store.installed("tiny-clip")?.manifest)
        #expect(after.model.calibration == ScoreCalibration(slope: 31.25, intercept: -9.5))
        #expect(after.files == before.files && after.text == before.text && after.image == before.image)
        try store.verify("tiny-clip")
    }

    @Test(arguments: ["", ".", "..", ".hidden", "a/b", "a b", "ä", String(repeating: "a", count: 65)])
    func namesThatLeadElsewhereAreNone(name: String) throws {
        let store = ModelStore(folder: "/nonexistent")
        #expect(store.installed(name) == nil)
        #expect(throws: ModelStoreError.self) { try store.remove(name) }
        #expect(throws: ModelStoreError.self) { try store.select(name) }
    }
}

@Suite struct CatalogueTests {
    @Test func itKnowsTheModelsPeopleAskFor() {
        let names = Catalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        for name in [
            "clip-vit-b-32-laion2b", "clip-vit-b-32-openai", "clip-vit-b-16-openai", "siglip-b-16-224",
            "siglip2-b-16-224", "siglip2-b-16-256", "siglip2-b-16-384", "siglip2-b-32-256", "mobileclip2-s0",
            "mobileclip2-s2", "xlm-roberta-vit-b-32",
        ] { #expect(Catalogue.entry(named: name) != nil, "\(name)") }
    }

    @Test(arguments: Catalogue.entries)
    func eachEntryMakesAManifestThatLoads(entry: CatalogueEntry) throws {
        #expect(ModelStore.isID(entry.name))
        #expect(entry.figures.allSatisfy { (1...100).contains($0.value) && !$0.source.isEmpty })
        let outline = GraphOutline(
            inputs: [.init(name: "x", axes: nil)], outputs: [.init(name: "y", axes: [nil, entry.dimension])])
        let digest = FileDigest(bytes: 5, sha256: String(repeating: "a", count: 64), git: "")
        let manifest = try ManifestWriting(
            entry: entry, image: outline, text: outline,
            files: Dictionary(uniqueKeysWithValues: entry.files.map { ($0.name, digest) }), source: "a test"
        ).manifest()
        let folder = TemporaryFolder()
        for file in entry.files { try Data("12345".utf8).write(to: URL(filePath: "\(folder.path)/\(file.name)")) }
        try Data(manifest.indentedJSON).write(to: URL(filePath: folder.path + "/manifest.json"))
        let loaded = try ModelManifest.load(folder: folder.path, verifyHashes: false)
        #expect(loaded.model.preprocessing == entry.preprocessing)
        #expect(loaded.model.calibration == entry.calibration)
        #expect(loaded.model.embeddingDimension == entry.dimension)
    }
}
