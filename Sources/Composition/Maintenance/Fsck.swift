import BlobsFile
import Crypto
import Domain
import Inference
import Library

/// What a check of a data folder found.
public struct FsckReport: Sendable, Hashable {
    /// One line a finding, and one for each step that found nothing.
    public internal(set) var lines: [String] = []
    public internal(set) var problems = 0
    public internal(set) var mended = 0

    mutating func found(_ count: Int, _ what: String, mended how: String?) {
        guard count > 0 else { return }
        problems += count
        if how != nil { mended += count }
        lines.append("\(count) \(what)" + (how.map { ": \($0)" } ?? ""))
    }
}

extension Imago {
    /// Checks that catalog and bytes agree, and mends what does not: bytes that no image refers to are removed, images
    /// whose bytes are gone get status 3, lost work is queued again.
    /// - Parameters:
    ///   - mend: change things; otherwise only report.
    ///   - readsBytes: read every blob and compare its SHA-256 with its name.
    /// - Throws: `StartError` while a server runs on the folder.
    public static func fsck(
        _ configuration: ServerConfiguration, mend: Bool, readsBytes: Bool = false
    ) async throws -> FsckReport {
        let data = try DataDirectory(path: configuration.dataDirectory)
        let lock = try data.lock()
        defer { withExtendedLifetime(lock) {} }
        let catalog = try openCatalog(data, maximumAttempts: configuration.maximumAttempts)
        let blobs = try FileBlobStore(folder: data.content)
        let model = try ModelManifest.load(folder: configuration.modelFolder, verifyHashes: false).model
        var check = Fsck(catalog: catalog, blobs: blobs, mend: mend, readsBytes: readsBytes, clock: SystemClock())
        try await check.run(model: model.id)
        try catalog.close()
        return check.report
    }
}

/// One check, step by step.
struct Fsck {
    let catalog: any Catalog
    let blobs: any BlobStore
    let mend: Bool
    let readsBytes: Bool
    let clock: any TimeSource
    var report = FsckReport()

    init(catalog: any Catalog, blobs: any BlobStore, mend: Bool, readsBytes: Bool, clock: any TimeSource) {
        self.catalog = catalog
        self.blobs = blobs
        self.mend = mend
        self.readsBytes = readsBytes
        self.clock = clock
    }

    mutating func run(model: ModelID) async throws {
        for fault in try await catalog.verify() {
            report.problems += 1
            report.lines.append("catalog: \(fault)")
        }
        try await checkReferences()
        try await checkBytesOfImages()
        try await checkBytesWithoutImages()
        try await checkWork(model: model)
        if mend {
            let swept = try await blobs.sweepTemporaries()
            if swept > 0 { report.lines.append("\(swept) temporary files of interrupted uploads removed") }
        }
        if report.problems == 0 { report.lines.append("catalog and bytes agree") }
    }

    private mutating func checkReferences() async throws {
        let wrong = mend ? try await catalog.mendBlobReferences() : try await catalog.wrongBlobReferences()
        report.found(wrong, "counts of references were wrong", mended: mend ? "counted again" : nil)
    }

    /// Every image's bytes must be there, whole, and on request unchanged.
    private mutating func checkBytesOfImages() async throws {
        var last: ContentHash?
        var checked = 0
        var lost: [ContentHash] = []
        var changed: [ContentHash] = []
        while true {
            let page = try await catalog.referencedBlobs(after: last, limit: 1000)
            guard let end = page.last else { break }
            last = end
            for hash in page {
                checked += 1
                if try await blobs.size(of: hash) == nil {
                    lost.append(hash)
                } else if readsBytes, try await digest(of: hash) != hash {
                    changed.append(hash)
                }
            }
        }
        if mend {
            let failure = IndexingFailure(code: "bytes_lost", message: "the image's bytes are lost or damaged")
            for hash in lost + changed { _ = try await catalog.markLost(hash, failure: failure) }
        }
        let how = mend ? "their images have status 3 (bytes_lost)" : nil
        report.found(lost.count, "images' bytes are missing", mended: how)
        report.found(changed.count, "images' bytes have changed", mended: how)
        report.lines.append("\(checked) blobs that images refer to \(readsBytes ? "read and compared" : "looked up")")
    }

    private func digest(of hash: ContentHash) async throws -> ContentHash? {
        var sha = SHA256()
        for try await piece in try await blobs.read(hash, range: nil) { sha.update(data: piece) }
        return ContentHash(bytes: sha.finalize())
    }

    /// Bytes that no image refers to take room and nothing else: what a crash between a rename and a commit leaves.
    private mutating func checkBytesWithoutImages() async throws {
        var orphans: [ContentHash] = []
        for try await hash in try await blobs.all() where try await !catalog.isReferenced(hash) { orphans.append(hash) }
        if mend {
            for hash in orphans { try await blobs.remove(hash) }
            while case let hashes = try await catalog.unreferencedBlobs(limit: 256), !hashes.isEmpty {
                for hash in hashes { try await blobs.remove(hash) }
                try await catalog.forgetBlobs(hashes)
            }
        }
        report.found(orphans.count, "blobs belong to no image", mended: mend ? "removed" : nil)
    }

    private mutating func checkWork(model: ModelID) async throws {
        let stranded =
            mend
            ? try await catalog.queueStranded(model: model, at: clock.now)
            : try await catalog.strandedImages(model: model)
        report.found(stranded, "images were in no queue and not indexed", mended: mend ? "queued" : nil)
    }
}
