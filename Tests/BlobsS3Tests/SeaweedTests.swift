import AsyncHTTPClient
@testable import BlobsS3
import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

/// Against a real store, which checks signatures.
@Suite struct SeaweedTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ location: S3Location? = nil, name: String = "local", clock: any TimeSource = RealClock(),
        _ change: (inout S3Configuration) -> Void = { _ in }
    ) async throws -> S3BlobStore {
        var configuration = try await SeaweedServer.shared().configuration(location, folder: folder.path + "/" + name)
        change(&configuration)
        return try await S3BlobStore.open(configuration, clock: clock)
    }

    private func inParts(_ configuration: inout S3Configuration) {
        configuration.largestSingle = 5 << 20
        configuration.partSize = 5 << 20
    }

    @Test func largeBlobsGoInParts() async throws {
        let store = try await open(nil, inParts)
        let bytes = noise((12 << 20) + 345)
        let hash = try await store.store(bytes)
        #expect(try await store.size(of: hash) == Int64(bytes.count))
        #expect(try await store.bytes(hash) == bytes)
        let middle: Range<Int64> = (5 << 20) - 10..<(5 << 20) + 10
        #expect(try await store.bytes(hash, middle) == Array(bytes[(5 << 20) - 10..<(5 << 20) + 10]))
        try await store.store(bytes)
        #expect(try await store.hashes() == [hash])
    }

    @Test(arguments: ["plain", "ünï/cödé", "blank and+plus/%25", "a&b=c?d#e;f,g:h@i!j*k'l(m)", "$~[]{}|^`<>\""])
    func oddPrefixesWork(_ prefix: String) async throws {
        let own = "\(UInt64.random(in: .min ... .max))/\(prefix)"
        let store = try await open(
            try await SeaweedServer.shared().location(prefix: PercentEncoding.encode(own, keepingSlashes: true)))
        let hash = try await store.store([1, 2, 3])
        #expect(try await store.bytes(hash) == [1, 2, 3])
        #expect(try await store.hashes() == [hash])
        #expect(try await get(store.signedURL(for: hash, lifetime: 60)).body == [1, 2, 3])
        try await store.remove(hash)
        #expect(try await store.size(of: hash) == nil)
    }

    @Test func listsGoOverManyPages() async throws {
        let store = try await open { $0.pageSize = 3 }
        var hashes: [ContentHash] = []
        for number in 0..<10 { hashes.append(try await store.store([UInt8(number)])) }
        #expect(try await store.hashes() == hashes.sorted())
    }

    /// Two nodes publish the same bytes at once, in one piece and in parts.
    @Test(arguments: [1000, 6 << 20]) func nodesThatPublishTheSameAgree(_ size: Int) async throws {
        let location = try await SeaweedServer.shared().location()
        let nodes = [
            try await open(location, name: "a", inParts), try await open(location, name: "b", inParts),
        ]
        let bytes = noise(size, UInt64(size))
        var staged: [(S3BlobStore, StagedBlob)] = []
        for node in nodes { for _ in 0..<3 { staged.append((node, try await node.put(bytes))) } }
        try await withThrowingTaskGroup { group in
            for (node, blob) in staged { group.addTask { try await node.publish(blob) } }
            try await group.waitForAll()
        }
        #expect(try await nodes[0].hashes() == [ContentHash(sha256Of: bytes)])
        #expect(try await nodes[1].bytes(ContentHash(sha256Of: bytes)) == bytes)
        #expect(try await nodes[0].client.uploads(prefix: location.prefix, after: []).uploads.isEmpty)
    }

    /// A node that dies in the middle of an upload, as the store sees it: connections end, and nobody cleans up.
    @Test func anUploadCutOffIsNeverSeenAndSwept() async throws {
        let server = try await SeaweedServer.shared()
        let location = try server.location()
        let survivor = try await open(location, name: "survivor") { $0.orphanAge = 3600 }
        let sweeper = try await open(location, name: "sweeper") { $0.orphanAge = -3600 }
        let other = try await open(name: "other") { $0.orphanAge = -3600 }
        let hash: ContentHash = try await SeverableProxy.run(to: server.port, after: 8 << 20) { proxy async throws in
            let dying = try await open(
                try S3Location("s3://\(SeaweedServer.bucket)/\(location.prefix)?endpoint=\(proxy.endpoint)"),
                name: "dying"
            ) {
                inParts(&$0)
                $0.sleep = { _ in }
            }
            let blob = try await dying.put(noise(20 << 20, 99))
            await #expect(throws: BlobError.self) { try await dying.publish(blob) }
            return blob.hash
        }
        #expect(try await survivor.client.uploads(prefix: location.prefix, after: []).uploads.count == 1)
        #expect(try await survivor.size(of: hash) == nil)
        #expect(try await survivor.hashes().isEmpty)
        await #expect(throws: BlobError.notFound(hash)) { _ = try await survivor.bytes(hash) }
        // Neither a young one nor another's is swept.
        #expect(try await survivor.sweepTemporaries() == 0)
        #expect(try await other.sweepTemporaries() == 0)
        #expect(try await sweeper.sweepTemporaries() == 1)
        #expect(try await survivor.client.uploads(prefix: location.prefix, after: []).uploads.isEmpty)
        // The bytes can come again.
        #expect(try await survivor.store(noise(20 << 20, 99)) == hash)
        #expect(try await survivor.hashes() == [hash])
    }

    @Test func sweepsGoOverManyPages() async throws {
        let store = try await open {
            $0.pageSize = 2
            $0.orphanAge = -3600
        }
        for number in 0..<5 {
            let blob = StagedBlob(hash: ContentHash(sha256Of: [UInt8(number)]), sizeBytes: 1, path: "")
            _ = try await MultipartUpload(
                client: store.client, budget: store.budget, key: store.key(of: blob.hash), blob: blob, ifAbsent: true
            ).create()
        }
        #expect(try await store.sweepTemporaries() == 5)
        #expect(try await store.sweepTemporaries() == 0)
    }

    private func get(_ url: String) async throws -> (status: UInt, type: String?, disposition: String?, body: [UInt8]) {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (
            response.status.code, response.headers.first(name: "content-type"),
            response.headers.first(name: "content-disposition"), Array(body.readableBytesView)
        )
    }

    @Test func signedURLsWorkForAWhile() async throws {
        let store = try await open()
        let hash = try await store.store(noise(1000))
        let disposition = "inline; filename=\"a b&c.png\"; filename*=UTF-8''%C3%BC.png"
        let url = try await store.signedURL(
            for: hash, lifetime: 60, contentType: "image/png", disposition: disposition)
        let answer = try await get(url)
        #expect(answer.status == 200)
        #expect(answer.body == noise(1000))
        #expect(answer.type == "image/png")
        #expect(answer.disposition == disposition)
        #expect(try await get(url.replacing("image%2Fpng", with: "text%2Fhtml")).status == 403)
        #expect(try await get(url.replacing("X-Amz-Expires=3660", with: "X-Amz-Expires=9999")).status == 403)
        #expect(try await get(String(url.prefix { $0 != "?" })).status == 403)
        // Signed by a machine that lives in the past.
        let late = try await open(
            store.configuration.location, name: "late", clock: TestClock(RealClock().now - 7300))
        #expect(try await get(late.signedURL(for: hash, lifetime: 60)).status == 403)
    }

    @Test func signedURLsStayTheSameForAWhile() async throws {
        let clock = TestClock(1_764_000_000)
        let store = try await open(clock: clock)
        let hash = ContentHash(sha256Of: [])
        let first = try await store.signedURL(for: hash, lifetime: 1e9)
        #expect(first.contains("X-Amz-Date=20251124T160000Z&X-Amz-Expires=604800&"))
        clock.advance(3599)
        #expect(try await store.signedURL(for: hash, lifetime: 1e9) == first)
        clock.advance(1)
        #expect(try await store.signedURL(for: hash, lifetime: 1e9) != first)
        let location = try S3Location("s3://bucket?endpoint=http://10.0.0.1:9000&public=https://images.example")
        let outside = try await open(location, name: "outside", clock: clock)
        #expect(try await outside.signedURL(for: hash, lifetime: 1).hasPrefix("https://images.example/bucket/\(hash)?"))
    }

    @Test func aWrongSecretIsRefused() async throws {
        let store = try await open {
            $0.credentials = AWSCredentials(
                accessKeyID: $0.credentials!.accessKeyID, secretAccessKey: "another")
        }
        let error = try await #require(throws: BlobError.self) { try await store.check() }
        #expect("\(error)".contains("403 SignatureDoesNotMatch"), "\(error)")
        #expect(!"\(error)".contains("another"))
    }

    @Test func aBucketCanBeAHost() async throws {
        let server = try await SeaweedServer.shared()
        let location = try S3Location(
            "s3://\(SeaweedServer.bucket)/v\(UInt64.random(in: .min ... .max))"
                + "?endpoint=http://\(SeaweedServer.domain):\(server.port)&style=virtual")
        let store = try await open(location) {
            $0.hostAddresses = ["\(SeaweedServer.bucket).\(SeaweedServer.domain)": "127.0.0.1"]
        }
        try await store.check()
        let hash = try await store.store([1, 2, 3])
        #expect(try await store.bytes(hash) == [1, 2, 3])
        #expect(try await store.hashes() == [hash])
    }

    @Test func readinessLeavesNothing() async throws {
        let store = try await open()
        try await store.check()
        try await store.check()
        #expect(try await store.client.objects(prefix: store.configuration.location.prefix, after: nil).keys.isEmpty)
    }
}
