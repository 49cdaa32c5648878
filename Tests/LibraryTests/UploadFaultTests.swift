import BlobsFile
import Domain
import Foundation
import GRDB
import Library
import LibraryTesting
import Testing

/// Faults in the middle of an upload: it is stored whole or leaves nothing.
@Suite struct UploadFaultTests {
    private func expectNothing(_ test: TestLibrary, _ comment: Comment) async throws {
        #expect(try await test.library.images(ImageQuery(), account: test.account).total == 0, comment)
        #expect(test.stored.isEmpty && test.temporaries == 0, "\(comment): \(test.stored), \(test.temporaries)")
    }

    /// Makes each file call of an upload fail in turn.
    @Test(arguments: [(ENOSPC, BlobError.storeFull), (EIO, .unavailable("rename: \(String(cString: strerror(EIO)))"))])
    func aDeviceThatIsFullOrBroken(code: Int32, expected: BlobError) async throws {
        let (test, files) = try await TestLibrary.faulty()
        var failed = 0
        for call in ["fsync", "rename", "mkdir"] {
            for number in 0..<8 {
                let received = [try await test.file(Pictures.red), try await test.file(Pictures.blue)]
                files.fail { name, count in name == call && count == number ? code : nil }
                do {
                    _ = try await test.library.upload(received, account: test.account, partial: false, idempotency: nil)
                    // It has fewer calls of that name than this.
                    files.fail(nil)
                    let all = try await test.library.images(ImageQuery(), account: test.account).images
                    #expect(all.count == 2)
                    try await test.library.delete(all.map(\.id), account: test.account)
                } catch let error as BlobError {
                    failed += 1
                    files.fail(nil)
                    if call == "rename" || code == ENOSPC { #expect(error == expected) }
                }
                try await expectNothing(test, "\(call) \(number)")
            }
        }
        #expect(failed >= 10, "only \(failed) faults were met")
    }

    @Test func aDeviceThatFillsWhileBytesArrive() async throws {
        let (test, files) = try await TestLibrary.faulty()
        files.fail { call, _ in call == "write" ? ENOSPC : nil }
        await #expect(throws: BlobError.storeFull) { try await test.file(Pictures.red) }
        files.fail(nil)
        try await expectNothing(test, "write")
    }

    /// The bytes are in place when the catalog refuses the rows.
    @Test func aCatalogThatFailsLeavesNoBytes() async throws {
        let test = try await TestLibrary()
        let before = try #require(try await test.upload([Pictures.green]).first)
        let other = try DatabaseQueue(path: test.folder.path + "/catalog.sqlite")
        try await other.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER fault BEFORE INSERT ON image WHEN NEW.file_name = 'fault.png'
                    BEGIN SELECT RAISE(ABORT, 'injected'); END
                    """)
        }
        let received = [
            try await test.file(Pictures.red), try await test.file(Pictures.green),
            try await test.file(Pictures.blue, name: "fault.png"),
        ]
        await #expect(throws: CatalogError.self) {
            try await test.library.upload(received, account: test.account, partial: false, idempotency: nil)
        }
        // What another image has stays.
        #expect(test.stored == [before.contentHash.hex] && test.temporaries == 0)
        #expect(try await test.library.images(ImageQuery(), account: test.account).images == [before])
        try await other.write { try $0.execute(sql: "DROP TRIGGER fault") }
        #expect(try await test.upload([Pictures.red]).count == 1)
    }

    /// Nor can the bytes be taken away again: they are found when the device works.
    @Test func bytesThatCouldNotBeTakenAwayAreFoundLater() async throws {
        let (test, files) = try await TestLibrary.faulty()
        let images = try await test.upload([Pictures.red, Pictures.blue])
        files.fail { call, _ in call == "remove" ? EIO : nil }
        #expect(try await test.library.delete([images[0].id], account: test.account) == [images[0].id])
        files.fail(nil)
        #expect(test.stored.count == 2)
        #expect(try await test.library.images(ImageQuery(), account: test.account).total == 1)
        #expect(try await test.library.sweepUnreferencedBlobs() == 1)
        #expect(test.stored == [images[1].contentHash.hex])
        #expect(try await test.library.sweepUnreferencedBlobs() == 0)
    }

    @Test func aSweepLeavesWhatHasComeBack() async throws {
        let (test, files) = try await TestLibrary.faulty()
        let image = try #require(try await test.upload([Pictures.red]).first)
        files.fail { call, _ in call == "remove" ? EIO : nil }
        try await test.library.delete([image.id], account: test.account)
        files.fail(nil)
        _ = try await test.upload([Pictures.red])
        _ = try await test.library.sweepUnreferencedBlobs()
        #expect(test.stored == [image.contentHash.hex])
    }

    @Test func aFileThatCannotBeReadIsNoBadImage() async throws {
        let test = try await TestLibrary()
        let received = [try await test.file(Pictures.red), try await test.file(Pictures.blue)]
        if case .complete(let file) = received[0] { try FileManager.default.removeItem(atPath: file.blob.path) }
        do {
            _ = try await test.library.upload(received, account: test.account, partial: true, idempotency: nil)
            Issue.record("it was taken")
        } catch let error as ImageReadingError {
            #expect(error.code == .unavailable)
        }
        try await expectNothing(test, "a file is gone")
    }
}
