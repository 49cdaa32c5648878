import Crypto
import Domain
import Foundation
import ImagoClient
import Testing

@Suite struct ClientTests {
    @Test func filesArriveAsTheyAreWithTheirMetadata() async throws {
        let folder = try TemporaryFolder()
        let first = try folder.write("one.jpg", picture("\r\n--imago-\r\n", size: 600_000))
        let second = try folder.write("odd.jpg", picture("b"))
        try await FakeServer.run { server in
            try await server.client { client in
                let outcomes = try await client.upload([
                    try await UploadFile(path: first, fileName: "one.jpg", metadata: ["camera_id": "7"]),
                    try await UploadFile(path: second, fileName: "a\"b\r\nc é.jpg", index: false),
                ])
                #expect(outcomes.count == 2)
            }
            let images = await server.store.images
            #expect(images.map(\.bytes.count) == [picture("\r\n--imago-\r\n", size: 600_000).count, picture("b").count])
            #expect(images[0].bytes == picture("\r\n--imago-\r\n", size: 600_000))
            #expect(images[0].metadata == ["camera_id": "7"])
            #expect(images[1].fileName == "a%22b%0D%0Ac é.jpg")
            #expect(images.map(\.status) == [1, 0])
        }
    }

    @Test func aRefusedFileDoesNotKeepTheOthers() async throws {
        let folder = try TemporaryFolder()
        let paths = [
            try folder.write("a.jpg", picture("a")), try folder.write("b.jpg", picture("BAD")),
            try folder.write("c.jpg", picture("c")),
        ]
        try await FakeServer.run { server in
            let outcomes = try await server.client { client in
                var files: [UploadFile] = []
                for path in paths { files.append(try await UploadFile(path: path, fileName: "x.jpg")) }
                return try await client.upload(files)
            }
            #expect(outcomes[1] == .refused(code: "unsupported_image", message: "not a picture after all"))
            #expect(await server.store.images.count == 2)
        }
    }

    @Test func aFileThatChangedSinceItWasLookedAtIsNotSent() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.jpg", picture("a"))
        try await FakeServer.run { server in
            let file = try await UploadFile(path: path, fileName: "a.jpg")
            try folder.write("a.jpg", picture("another"))
            do {
                _ = try await server.client { try await $0.upload([file]) }
                Issue.record("sent")
            } catch let error as ClientError { #expect(error.kind == .localFile) }
            #expect(await server.store.images.isEmpty)
        }
    }

    @Test func aDownloadIsWholeOrNotThere() async throws {
        let folder = try TemporaryFolder()
        try await FakeServer.run { server in
            let bytes = picture("a", size: 700_000)
            let id = await server.store.add(bytes)
            let hash = ContentHash(bytes: SHA256.hash(data: bytes))
            let target = folder.path + "/out.jpg"
            try await server.client { client in
                let count = try await client.save(id, to: target, expecting: hash)
                #expect(count == Int64(bytes.count))
                let saved = try Data(contentsOf: URL(fileURLWithPath: target))
                #expect(Array(saved) == bytes)
                let other = ContentHash(bytes: Array(repeating: 1, count: 32))
                await #expect(throws: ClientError.self) {
                    _ = try await client.save(id, to: folder.path + "/wrong.jpg", expecting: other)
                }
                await server.store.fail("GET /v1/images/\(id)/content", with: [.cut])
                await #expect(throws: ClientError.self) {
                    _ = try await client.save(id, to: folder.path + "/cut.jpg", expecting: nil)
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.jpg"])
        }
    }

    @Test func pagesFiltersAndCounts() async throws {
        try await FakeServer.run { server in
            var ids: [ImageID] = []
            for number in 0..<250 { ids.append(await server.store.add(picture("\(number)"))) }
            await server.store.finishIndexing(failing: [ids[3]])
            try await server.client { client in
                let all = try await client.ids(matching: RemoteFilter())
                #expect(all == ids.reversed())
                let page = try await client.images(ListRequest(limit: 7, cursor: "7"))
                #expect(page.images.map(\.id) == Array(ids.reversed()[7..<14]))
                #expect(page.total == 250 && page.nextCursor == "14")
                let gone = ids.removeLast()
                #expect(await server.store.delete(gone))
                #expect(Set(try await client.images(ids: ids + [gone]).map(\.id)) == Set(ids))
                let counts = try #require(try await client.imageCounts())
                #expect(counts.map(\.count) == [0, 0, 248, 1])
                let failed = try await client.image(ids[3])
                #expect(failed.status == .failed)
                #expect(failed.failure == IndexingFailure(code: "decode_failed", message: "can't be decoded"))
            }
        }
    }

    @Test func manyAreDeletedThoughSomeAreNotThere() async throws {
        try await FakeServer.run { server in
            var ids: [ImageID] = []
            for number in 0..<30 { ids.append(await server.store.add(picture("\(number)"))) }
            let unknown = try #require(ImageID("01890000-0000-7000-8000-000000000000"))
            let result = try await server.client { try await $0.delete(ids + [unknown]) }
            #expect(Set(result.deleted) == Set(ids))
            #expect(result.failed.map(\.id) == [unknown])
            #expect(await server.store.images.isEmpty)
        }
    }

    @Test func aSearchSaysWhatItWasAsked() async throws {
        try await FakeServer.run { server in
            let id = await server.store.add(picture("a"))
            let filter = try RemoteFilter(parsing: ["meta.camera_id=7", "meta.n[gte]=1.5", "indexing_status=2"])
            let answer = try await server.client { client in
                try await client.search(
                    SearchRequest(text: "a cat", image: [1, 2, 3], limit: 5, threshold: 0.5, filter: filter))
            }
            let hit = try #require(answer.hits.first)
            #expect(hit.id == id && hit.score == 0.75 && hit.similarity == 0.25)
            let expected: JSONValue = [
                "query": "a cat", "image": "AQID", "max_results": 5, "threshold": 0.5,
                "filters": [
                    "meta.camera_id": ["in": [7, "7"]], "meta.n[gte]": 1.5, "indexing_status": [2],
                ],
            ]
            #expect(JSONValue.object(hit.metadata) == expected)
        }
    }

    @Test func theServersStateIsToldWithoutAKey() async throws {
        try await FakeServer.run { server in
            let state = try await server.client(key: nil) { try await $0.serverState() }
            #expect(state.isReady && state.version == "9.9")
            await server.store.fail("GET /readyz", with: [.answer(status: 503, retryAfter: 1)])
            let slept = Sleeps()
            let starting = try await server.client(key: nil, slept: slept) { try await $0.serverState() }
            #expect(!starting.isReady && starting.message == "injected")
            #expect(await slept.seconds.isEmpty)
        }
    }
}
