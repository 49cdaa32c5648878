import Domain
import Library
import LibraryTesting
import Testing

@Suite struct UploadTests {
    @Test func imagesAreStoredWithWhatIsKnownOfThem() async throws {
        let test = try await TestLibrary()
        let results = try await test.library.upload(
            [
                try await test.file(Pictures.red, name: "r.png", metadata: ["camera_id": "7"]),
                try await test.file(Pictures.green, name: nil, index: false),
            ], account: test.account, partial: false, idempotency: nil)
        let images = results.compactMap { if case .stored(let image) = $0 { image } else { nil } }
        try #require(images.count == 2)
        #expect(
            images[0].properties
                == ImageProperties(format: .png, width: 4, height: 3, frames: 1, sizeBytes: Int64(Pictures.red.count)))
        #expect(images.map(\.status) == [.inProgress, .notIndexed] && images.map(\.fileName) == ["r.png", nil])
        #expect(images[0].metadata["camera_id"] == "7" && images[0].uploadedAt == test.clock.now)
        #expect(images[0].id < images[1].id)
        #expect(test.stored == images.map(\.contentHash.hex).sorted() && test.temporaries == 0)
        for (image, bytes) in zip(images, [Pictures.red, Pictures.green]) {
            #expect(try await test.library.image(image.id, account: test.account) == image)
            var read: [UInt8] = []
            for try await piece in try await test.library.content(of: image) { read += piece }
            #expect(read == bytes)
        }
        // Somebody is told that there is work.
        var signals = test.backlog.signals.makeAsyncIterator()
        await signals.next()
    }

    @Test func equalBytesAreStoredOnce() async throws {
        let test = try await TestLibrary()
        let images = try await test.upload([Pictures.red, Pictures.red, Pictures.blue])
        let others = try await test.upload([Pictures.red], account: try await test.newAccount("other"))
        #expect(Set((images + others).map(\.id)).count == 4 && test.stored.count == 2 && test.temporaries == 0)
    }

    @Test func oneBadFileRefusesThemAll() async throws {
        let test = try await TestLibrary()
        let files = [
            try await test.file(Pictures.red), try await test.file(Pictures.text, name: "notes.png"),
            .refused(FileRefusal(position: 2, fileName: "big.jpg", code: "file_too_large", message: "too large")),
            try await test.file(Array(Pictures.blue.prefix(20)), name: nil),
        ]
        do {
            _ = try await test.library.upload(files, account: test.account, partial: false, idempotency: nil)
            Issue.record("it was taken")
        } catch UploadError.refused(let refusals) {
            #expect(refusals.map(\.position) == [1, 2, 3])
            #expect(refusals.map(\.fileName) == ["notes.png", "big.jpg", nil])
            #expect(refusals.map(\.code) == ["unsupported_image", "file_too_large", "corrupt_image"])
        }
        #expect(try await test.library.images(ImageQuery(), account: test.account).total == 0)
        #expect(test.stored.isEmpty && test.temporaries == 0)
    }

    @Test func inPartTheGoodOnesAreStored() async throws {
        let test = try await TestLibrary()
        let files = [
            try await test.file(Pictures.text), try await test.file(Pictures.red),
            .refused(FileRefusal(position: 2, fileName: nil, code: "file_too_large", message: "too large")),
            try await test.file(Pictures.blue),
        ]
        let results = try await test.library.upload(files, account: test.account, partial: true, idempotency: nil)
        let kinds = results.map { if case .stored(let image) = $0 { image.contentHash.hex } else { "refused" } }
        #expect(kinds[0] == "refused" && kinds[2] == "refused")
        #expect([kinds[1], kinds[3]].sorted() == test.stored && test.temporaries == 0)

        let none = try await test.library.upload(
            [try await test.file(Pictures.text)], account: test.account, partial: true, idempotency: nil)
        #expect(none.count == 1 && test.temporaries == 0)
        #expect(try await test.library.images(ImageQuery(), account: test.account).total == 2)
    }

    @Test func aFullQueueRefusesBeforeAnyByteIsReceived() async throws {
        let test = try await TestLibrary(highWaterMark: 5)
        try test.library.checkAdmission()
        test.backlog.counts = JobCounts(queued: 5, running: 0, oldestDueAt: nil)
        do throws(UploadError) {
            try test.library.checkAdmission()
            Issue.record("it was admitted")
        } catch {
            guard case .backlogFull(let waiting) = error else { throw error }
            #expect(waiting == 5)
        }
    }

    @Test func metadataChangesAtTheSameTimeAreBothKept() async throws {
        let test = try await TestLibrary()
        let id = try #require(try await test.upload([Pictures.red]).first).id
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let changed = try await test.library.updateMetadata(of: id, account: test.account) { old in
                        var new = old
                        new["n\(number)"] = true
                        return new
                    }
                    #expect(changed != nil)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await test.library.image(id, account: test.account)?.metadata.members.count == 20)
        let stranger = try await test.newAccount("other")
        #expect(try await test.library.updateMetadata(of: id, account: stranger) { $0 } == nil)
    }
}
