import BlobsFile
import CatalogSQLite
@testable import Composition
import Domain
import Foundation
import Testing

private let model = ModelID(rawValue: "test-1")

@Suite struct FsckTests {
    let folder: TemporaryFolder
    let catalog: SQLiteCatalog
    let blobs: FileBlobStore
    let identifiers = IdentifierGenerator(clock: SystemClock())

    init() throws {
        folder = try TemporaryFolder()
        catalog = try SQLiteCatalog(path: folder.path + "/catalog.sqlite")
        blobs = try FileBlobStore(folder: folder.path + "/content")
    }

    private func check(mend: Bool, readsBytes: Bool = false) async throws -> FsckReport {
        var check = Fsck(catalog: catalog, blobs: blobs, mend: mend, readsBytes: readsBytes, clock: SystemClock())
        try await check.run(model: model)
        return check.report
    }

    private func publish(_ text: String) async throws -> StagedBlob {
        let staging = try await blobs.stage()
        try await staging.write(Array(text.utf8))
        let blob = try await staging.finish()
        try await blobs.publish(blob)
        return blob
    }

    private func insert(_ hash: ContentHash, index: Bool = false) async throws -> Domain.Image {
        let account = try await catalog.account(named: "a", creating: identifiers.next(), at: 1).id
        let new = NewImage(
            id: identifiers.next(), accountID: account, contentHash: hash,
            properties: ImageProperties(format: .jpeg, width: 1, height: 1, frames: 1, sizeBytes: 3), fileName: nil,
            metadata: [:], index: index, uploadedAt: 1)
        return try await catalog.insert([new], model: model, answer: nil)[0]
    }

    private func path(of hash: ContentHash) -> String {
        "\(folder.path)/content/blobs/\(hash.hex.prefix(2))/\(hash.hex.dropFirst(2).prefix(2))/\(hash.hex)"
    }

    @Test func aSoundFolderHasNoProblems() async throws {
        _ = try await insert(try await publish("one").hash)
        let report = try await check(mend: false, readsBytes: true)
        #expect(report.problems == 0 && report.lines.last == "catalog and bytes agree")
    }

    @Test func bytesWithoutAnImageAreRemoved() async throws {
        let orphan = try await publish("orphan").hash
        let kept = try await publish("kept").hash
        _ = try await insert(kept)
        #expect(try await check(mend: false).problems == 1)
        #expect(try await blobs.size(of: orphan) != nil)
        #expect(try await check(mend: true).mended == 1)
        #expect(try await blobs.size(of: orphan) == nil)
        #expect(try await blobs.size(of: kept) == 4)
        #expect(try await check(mend: false).problems == 0)
    }

    @Test func imagesWithoutBytesSaySo() async throws {
        let hash = try await publish("gone").hash
        let image = try await insert(hash, index: true)
        try FileManager.default.removeItem(atPath: path(of: hash))
        #expect(try await check(mend: false).problems == 1)
        #expect(try await catalog.image(image.id, account: image.accountID)?.status == .inProgress)
        #expect(try await check(mend: true).mended == 1)
        let after = try #require(try await catalog.image(image.id, account: image.accountID))
        #expect(after.status == .failed && after.failure?.code == "bytes_lost")
        #expect(try await catalog.jobCounts(at: 1e10).queued == 0)
    }

    @Test func changedBytesAreFoundByReadingThem() async throws {
        let hash = try await publish("abc").hash
        let image = try await insert(hash)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(of: hash))
        try "xyz".write(toFile: path(of: hash), atomically: false, encoding: .utf8)
        #expect(try await check(mend: false).problems == 0)
        #expect(try await check(mend: true, readsBytes: true).mended == 1)
        #expect(try await catalog.image(image.id, account: image.accountID)?.failure?.code == "bytes_lost")
    }

    @Test func workThatFellOutOfTheQueueIsQueuedAgain() async throws {
        let hash = try await publish("work").hash
        let image = try await insert(hash, index: true)
        // As a change of model leaves it: the only job is for a model nobody runs any more.
        let other = ModelID(rawValue: "old-1")
        _ = try await catalog.queueStranded(model: other, at: 1)
        #expect(try await check(mend: false).problems == 1)
        #expect(try await check(mend: true).mended == 1)
        let jobs = try await catalog.claimJobs(limit: 9, worker: "w", lease: 10, at: 1e10)
        #expect(jobs.map(\.imageID) == [image.id] && jobs.map(\.model) == [model])
    }
}
