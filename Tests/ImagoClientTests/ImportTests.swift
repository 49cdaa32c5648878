import Domain
import Foundation
@testable import ImagoClient
import Testing

@Suite struct ImportTests {
    let folder: TemporaryFolder
    var pictures: String { folder.path + "/pictures" }
    var statePath: String { folder.path + "/state/imago/import.txt" }

    init() throws { folder = try TemporaryFolder() }

    private func addPictures(_ count: Int) throws {
        for number in 0..<count { try folder.write("pictures/\(100 + number).jpg", picture("\(number)", size: number)) }
    }

    /// One import as the command makes it, state read from the file and written to it.
    private func run(
        _ server: FakeServer, _ paths: [String]? = nil, options: ImportOptions = ImportOptions(batchFiles: 3),
        retry: RetryPolicy = .persistent, stop: StopSignal = StopSignal(), key: String = FakeServer.key,
        observe: @escaping @Sendable (ImportProgress) -> Void = { _ in }
    ) async throws -> ImportReport {
        let state = try ImportState(path: statePath)
        return try await server.client(key: key, retry: retry) { client in
            try await Importer(client: client, state: state, options: options, stop: stop, observe: observe)
                .run(paths ?? [pictures])
        }
    }

    @Test func whatIsNewIsImportedAndTheRestExplained() async throws {
        try addPictures(7)
        try folder.write("pictures/deep/er/x.png", [0x89] + Array("PNG\r\n\u{1A}\n".utf8))
        try folder.write("pictures/notes.txt", Array("text".utf8))
        try folder.write("pictures/empty.jpg", [])
        try folder.write("pictures/.hidden.jpg", picture("h"))
        try folder.write("pictures/.cache/y.jpg", picture("y"))
        try folder.write("pictures/bad.jpg", picture("BAD"))
        try FileManager.default.createSymbolicLink(
            atPath: pictures + "/round", withDestinationPath: pictures)
        try await FakeServer.run { server in
            let report = try await run(
                server, options: ImportOptions(batchFiles: 3, metadata: ["camera_id": "7"], index: false))
            #expect(report.imported.count == 8)
            #expect(Set(report.skipped.map(\.reason)) == ["empty", "not an image"])
            #expect(report.failed.map(\.reason) == ["not a picture after all"])
            #expect(report.hidden == 2)
            #expect(report.unreached == 0 && !report.isComplete)
            let images = await server.store.images
            #expect(Set(images.map(\.id)) == Set(report.imported.map(\.id)))
            #expect(images.allSatisfy { $0.metadata == ["camera_id": "7"] && $0.status == 0 })
            #expect(images.contains { $0.fileName == "x.png" })
        }
    }

    @Test func aSecondImportSendsNothing() async throws {
        try addPictures(10)
        try await FakeServer.run { server in
            #expect(try await run(server).imported.count == 10)
            await server.store.forgetRequests()
            let again = try await run(server)
            #expect(again.imported.isEmpty && again.present.count == 10 && again.isComplete)
            #expect(await server.store.count("POST ") == 0)
            #expect(await server.store.images.count == 10)
        }
    }

    @Test func withoutItsStateAnImportLearnsFromTheServer() async throws {
        try addPictures(5)
        try await FakeServer.run { server in
            let other = await server.store.add(picture("2", size: 2))
            #expect(try await run(server).imported.count == 4)
            try FileManager.default.removeItem(atPath: statePath)
            let again = try await run(server)
            #expect(again.present.count == 5)
            #expect(again.present.contains { $0.reason.contains(other.description) })
            // And what came another way since the list was read.
            try addPictures(6)
            _ = await server.store.add(picture("5", size: 5))
            #expect(try await run(server).imported.isEmpty)
        }
    }

    @Test func whatWasDeletedComesBack() async throws {
        try addPictures(6)
        try await FakeServer.run { server in
            let first = try await run(server)
            let gone = first.imported[2]
            #expect(await server.store.delete(gone.id))
            let again = try await run(server)
            #expect(again.imported.map(\.path) == [gone.path])
            #expect(again.present.count == 5 && again.isComplete)
            // The whole first request, too, whose answer the server would repeat under its key.
            for image in await server.store.images { #expect(await server.store.delete(image.id)) }
            #expect(try await run(server).imported.count == 6)
            #expect(await server.store.images.count == 6)
        }
    }

    @Test func anImportThatWasStoppedGoesOnWhereItWas() async throws {
        try addPictures(20)
        try await FakeServer.run { server in
            let stop = StopSignal()
            let report = try await run(server, options: ImportOptions(parallel: 1, batchFiles: 3), stop: stop) {
                if $0.imported >= 7 { stop.set() }
            }
            #expect(report.isStopped && !report.isComplete)
            // The request under way is brought to its end, and none begun after it.
            #expect(report.imported.count == 9)
            #expect(report.unreached == 11)
            #expect(await server.store.images.count == 9)
            let rest = try await run(server)
            #expect(rest.imported.count == 11 && rest.present.count == 9)
            #expect(await server.store.images.count == 20)
        }
    }

    @Test func requestsWhoseAnswersWereLostAreNotStoredTwice() async throws {
        try addPictures(8)
        try await FakeServer.run { server in
            // Tried again within one import.
            await server.store.fail("POST ", with: [.cutAfterwards, .cut, .cutAfterwards])
            #expect(try await run(server, options: ImportOptions(batchFiles: 2)).imported.count == 8)
            #expect(await server.store.images.count == 8)
            // Given up by one import and found by the next.
            for number in 0..<3 { try folder.write("pictures/new\(number).jpg", picture("new\(number)")) }
            await server.store.fail("POST ", with: [.cutAfterwards, .cutAfterwards, .cutAfterwards, .cutAfterwards])
            let failed = try await run(server, options: ImportOptions(parallel: 1, batchFiles: 1), retry: .none)
            #expect(failed.failed.count == 3)
            let again = try await run(server)
            #expect(again.imported.isEmpty && again.present.count == 11 && again.isComplete)
            #expect(await server.store.images.count == 11)
        }
    }

    @Test func equalFilesAreSentOnce() async throws {
        for name in ["a", "b", "c/d"] { try folder.write("pictures/\(name).jpg", picture("same")) }
        try folder.write("pictures/x.jpg", picture("BAD"))
        try folder.write("pictures/y.jpg", picture("BAD"))
        try await FakeServer.run { server in
            let report = try await run(server, options: ImportOptions(parallel: 4, batchFiles: 1))
            #expect(report.imported.count == 1)
            #expect(report.present.count == 2)
            // A copy of a file that was refused is not there either.
            #expect(report.failed.count == 2)
            #expect(await server.store.images.count == 1)
        }
    }

    @Test func aRequestThatIsTooLargeIsDivided() async throws {
        try addPictures(9)
        try await FakeServer.run { server in
            await server.store.setMaximumFiles(2)
            let report = try await run(server, options: ImportOptions(batchFiles: 9))
            #expect(report.imported.count == 9 && report.isComplete)
        }
    }

    @Test func aBusyServerIsWaitedFor() async throws {
        try addPictures(4)
        try await FakeServer.run { server in
            await server.store.fail("POST ", with: Array(repeating: .answer(status: 503, retryAfter: 5), count: 40))
            let report = try await run(server, options: ImportOptions(parallel: 1))
            #expect(report.imported.count == 4 && report.isComplete)
        }
    }

    @Test func aKeyRevokedOnTheWayEndsTheImportWithAReport() async throws {
        try addPictures(9)
        try await FakeServer.run { server in
            // The second upload is refused, wherever it is.
            let options = ImportOptions(parallel: 1, batchFiles: 3)
            let stopAfterOne = StopSignal()
            _ = try await run(server, options: options, stop: stopAfterOne) { if $0.imported > 0 { stopAfterOne.set() } }
            await server.store.fail("POST ", with: [.answer(status: 401)])
            let report = try await run(server, options: options)
            #expect(report.givenUp?.kind == .notPermitted)
            #expect(report.present.count == 3 && report.unreached == 6 && !report.isComplete)
        }
    }

    @Test func aServerThatWentAwayEndsTheImportWithAReport() async throws {
        try addPictures(3)
        let state = try ImportState(path: statePath)
        let configuration = try await FakeServer.run { server in
            try await server.client { $0.configuration }
        }
        let pictures = pictures
        await #expect(throws: ClientError.self) {
            _ = try await ImagoClient.with(configuration) { client in
                try await Importer(client: client, state: state, options: ImportOptions()).run([pictures])
            }
        }
    }

    @Test func aDryRunChangesNothing() async throws {
        try addPictures(3)
        try await FakeServer.run { server in
            _ = await server.store.add(picture("0"))
            let report = try await run(server, options: ImportOptions(dryRun: true))
            #expect(report.wouldImport.count == 2 && report.present.count == 1 && report.imported.isEmpty)
            #expect(await server.store.count("POST ") == 0)
        }
    }

    @Test func namedFilesMustBeThereAndBeImages() async throws {
        let text = try folder.write("notes.txt", Array("text".utf8))
        let good = try folder.write("good.jpg", picture("g"))
        try await FakeServer.run { server in
            let report = try await run(server, [good, text, folder.path + "/none.jpg", good])
            #expect(report.imported.map(\.path) == [good])
            #expect(Set(report.failed.map(\.reason)) == ["not an image", "no such file or folder"])
        }
    }

    @Test func waitingEndsWhenAllIsIndexedOrFailed() async throws {
        try addPictures(5)
        try await FakeServer.run { server in
            let seen = Sleeps()
            let store = server.store
            let state = try ImportState(path: nil)
            let configuration = ClientConfiguration(
                address: server.address, apiKey: FakeServer.key,
                sleep: { seconds in
                    await seen.note(seconds)
                    // The third look finds everything done, but for the image that can't be.
                    if await seen.seconds.count == 2 {
                        await store.finishIndexing(failing: [await store.images[1].id])
                    }
                })
            let report = try await ImagoClient.with(configuration) { client in
                try await Importer(client: client, state: state, options: ImportOptions(parallel: 1, wait: true))
                    .run([pictures])
            }
            #expect(report.imported.count == 5 && report.stillIndexing == 0)
            #expect(report.notIndexed.map(\.reason) == ["can't be decoded"])
            #expect(await seen.seconds.count == 2)
        }
    }

    @Test func progressEndsAtItsTotals() async throws {
        try addPictures(11)
        try folder.write("pictures/notes.txt", Array("text".utf8))
        try await FakeServer.run { server in
            let last = LastProgress()
            let report = try await run(server) { last.note($0) }
            let progress = last.progress
            #expect(progress.files == 12 && progress.totalFiles == 12)
            #expect(progress.bytes == progress.totalBytes && progress.bytes > 0)
            #expect(progress.imported == 11 && progress.skipped == 1)
            #expect(report.bytes == progress.bytes - 4)
        }
    }
}
