import Domain
import Library
import LibraryTesting
import Testing

@Suite struct DeletionTests {
    @Test func whatIsDeletedIsNowhere() async throws {
        let test = try await TestLibrary()
        let images = try await test.upload([Pictures.red, Pictures.blue])
        try await test.indexAll()
        #expect(
            try await test.library.search(SearchRequest(text: "red"), account: test.account).first?.image.id
                == images[0].id)

        #expect(try await test.library.delete([images[0].id, images[0].id], account: test.account) == [images[0].id])
        #expect(try await test.library.image(images[0].id, account: test.account) == nil)
        #expect(try await test.library.signedImage(images[0].id) == nil)
        #expect(try await test.library.images(ImageQuery(), account: test.account).images.map(\.id) == [images[1].id])
        let found = try await test.library.search(SearchRequest(text: "red"), account: test.account)
        #expect(found.map(\.image.id) == [images[1].id])
        #expect(test.stored == [images[1].contentHash.hex] && test.index.count == 1)
        await #expect(throws: BlobError.notFound(images[0].contentHash)) {
            try await test.library.content(of: images[0])
        }
        #expect(try await test.library.delete([images[0].id], account: test.account).isEmpty)
    }

    @Test func sharedBytesStayWithTheLastImage() async throws {
        let test = try await TestLibrary()
        let stranger = try await test.newAccount("other")
        let mine = try await test.upload([Pictures.red, Pictures.red])
        let theirs = try await test.upload([Pictures.red], account: stranger)
        for (id, account) in [(mine[0].id, test.account), (theirs[0].id, stranger)] {
            try await test.library.delete([id], account: account)
            #expect(test.stored == [mine[0].contentHash.hex])
        }
        try await test.library.delete([mine[1].id], account: test.account)
        #expect(test.stored.isEmpty)
    }

    @Test func anotherAccountsImageIsNone() async throws {
        let test = try await TestLibrary()
        let stranger = try await test.newAccount("other")
        let id = try #require(try await test.upload([Pictures.red]).first).id
        #expect(try await test.library.delete([id], account: stranger).isEmpty)
        #expect(try await test.library.delete(matching: ImageFilter([.ids([id])]), account: stranger) == 0)
        #expect(try await test.library.image(id, account: test.account) != nil)
    }

    @Test func whatMatchesIsDeletedHoweverMuchItIs() async throws {
        let test = try await TestLibrary()
        let kept = try #require(try await test.upload([Pictures.red], metadata: ["keep": true]).first)
        // More than a page, of the same bytes.
        let new = (0..<1005).map { _ in
            NewImage(
                id: test.identifiers.next(), accountID: test.account, contentHash: kept.contentHash,
                properties: kept.properties, fileName: nil, metadata: [:], index: false, uploadedAt: test.clock.now)
        }
        _ = try await test.catalog.insert(new, model: test.library.model.id, answer: nil)
        let filter = ImageFilter([
            .metadata(field: ImageFilter.MetadataPath(components: ["keep"]), comparison: .exists(false))
        ])
        #expect(try await test.library.delete(matching: filter, account: test.account) == 1005)
        #expect(try await test.library.images(ImageQuery(), account: test.account).images.map(\.id) == [kept.id])
        #expect(test.stored == [kept.contentHash.hex])
    }

    /// Uploads and deletes of few different bytes by many tasks: an image that is there has its bytes, and no bytes are there
    /// without one.
    @Test func uploadsAndDeletesAtTheSameTime() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("DeletionTests seed \(seed)")
        let test = try await TestLibrary()
        let pictures = (0..<3).map { Pictures.plain([UInt8($0 * 60), 9, 9]) }
        try await withThrowingTaskGroup { group in
            for worker in 0..<6 {
                group.addTask {
                    var random = SplitMix64(seed: seed &+ UInt64(worker))
                    var mine: [ImageID] = []
                    for _ in 0..<25 {
                        if random.below(5) < 3 {
                            let files = (0...random.below(2)).map { _ in pictures[random.below(3)] }
                            let images = try await test.upload(files, index: false)
                            mine += images.map(\.id)
                            for (image, bytes) in zip(images, files) {
                                var read: [UInt8] = []
                                for try await piece in try await test.library.content(of: image) { read += piece }
                                #expect(read == bytes, "seed \(seed)")
                            }
                        } else if !mine.isEmpty {
                            let id = mine.remove(at: random.below(mine.count))
                            #expect(try await test.library.delete([id], account: test.account) == [id], "seed \(seed)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let left = try await test.library.images(ImageQuery(limit: 1000), account: test.account).images
        #expect(test.stored == Set(left.map(\.contentHash.hex)).sorted(), "seed \(seed)")
        #expect(test.temporaries == 0)
        #expect(try await test.catalog.wrongBlobReferences() == 0)
    }
}
