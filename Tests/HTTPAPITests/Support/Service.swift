import BlobsFile
import CatalogSQLite
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Imaging
import Library
import Logging
import NIOCore
import Synchronization
import VectorSearch

@testable import HTTPAPI

/// A clock that tests set.
final class TestClock: TimeSource {
    private let time = Mutex(1_764_000_000.0)
    var now: Double { time.withLock { $0 } }
    func advance(by seconds: Double) { time.withLock { $0 += seconds } }
}

/// The HTTP interface in process on real parts: SQLite, files, libvips, the vector index. Only clock and model are the test's.
final class Service: Sendable {
    let folder: String
    let catalog: SQLiteCatalog
    let library: ImageLibrary
    let keyRing: KeyRing
    let clock = TestClock()
    let key: String
    let encoder = ColourEncoder()
    let reader: VipsImageReader
    let blobs: FileBlobStore
    let index: QuantizedVectorIndex
    let backlog: IndexingBacklog
    private let configuration: HTTPAPIConfiguration

    init(_ configuration: HTTPAPIConfiguration = HTTPAPIConfiguration(), maximumQueued: Int = 1000) async throws {
        self.configuration = configuration
        folder = FileManager.default.temporaryDirectory.path + "/imago-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        catalog = try SQLiteCatalog(path: folder + "/catalog.sqlite")
        blobs = try FileBlobStore(folder: folder + "/content")
        reader = try VipsImageReader(limits: ImagingLimits(maximumPixels: 1_000_000))
        index = QuantizedVectorIndex(dimension: ColourEncoder.dimension)
        backlog = IndexingBacklog(highWaterMark: maximumQueued)
        let identifiers = IdentifierGenerator(clock: clock)
        library = ImageLibrary(
            catalog: catalog, blobs: blobs, reader: reader, index: index, encoder: encoder, identifiers: identifiers,
            clock: clock, backlog: backlog, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            renditions: try FileRenditionCache(folder: folder + "/renditions", maximumBytes: 1 << 20))
        keyRing = KeyRing(catalog: catalog, identifiers: identifiers, clock: clock)
        key = try await keyRing.create(accountName: "test").text
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Gives `body` a client of the routes.
    func run(_ body: @Sendable (Client) async throws -> Void) async throws {
        let services = HTTPAPIServices(
            library: library, keyRing: keyRing,
            signer: ContentSigner(secret: String(repeating: "5", count: 64), lifetime: 86_400, clock: clock),
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let application = Application(router: buildRouter(services: services, configuration: configuration))
        try await application.test(.router) { client in try await body(Client(client: client, key: key)) }
    }

    /// What the pipeline does, at once and in order.
    func indexEverything() async throws {
        while case let jobs = try await catalog.claimJobs(limit: 100, worker: "test", lease: 60, at: clock.now + 1),
            !jobs.isEmpty
        {
            for job in jobs {
                let pixels = try await blobs.withLocalFile(job.contentHash) { [reader, encoder] path in
                    try await reader.pixels(path: path, preprocessing: encoder.model.preprocessing)
                }
                let vector = try await encoder.embed(images: [pixels])[0]
                _ = try await catalog.complete([JobCompletion(job: job, outcome: .indexed(vector))], at: clock.now)
                try await index.insert([VectorEntry(row: job.row, embedding: vector)], account: job.accountID)
            }
        }
    }

    var keptRenditions: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/renditions")) ?? []
    }

    /// Temporary files of uploads under way or left behind.
    var temporaryFiles: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/content/tmp")) ?? []
    }
}

/// A client with a key.
struct Client: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var error: JSONValue { json["error"] ?? .null }
        var results: [JSONValue] { json["results"]?.array ?? [] }
        subscript(header name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    static let boundary = "imago-boundary"

    let client: any TestClientProtocol
    let key: String?

    func with(key: String?) -> Client { Client(client: client, key: key) }

    func send(
        _ method: HTTPRequest.Method, _ uri: String, _ headers: [String: String] = [:], body: [UInt8] = []
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let key { fields[HTTPField.Name("X-Api-Key")!] = key }
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        let response = try await client.execute(
            uri: uri, method: method, headers: fields, body: body.isEmpty ? nil : ByteBuffer(bytes: body))
        return Answer(
            status: response.status.code, headers: response.headers, body: Array(response.body.readableBytesView))
    }

    func get(_ uri: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await send(.get, uri, headers)
    }

    func json(_ method: HTTPRequest.Method, _ uri: String, _ value: JSONValue) async throws -> Answer {
        try await send(method, uri, ["Content-Type": "application/json"], body: value.jsonBytes)
    }

    /// One part a file, all named `images`; `metadata` first, where given.
    func upload(
        _ files: [[UInt8]], metadata: JSONValue? = nil, query: String = "", _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var body = metadata.map { Self.part("metadata", $0.jsonBytes, fileName: nil) } ?? []
        for (position, file) in files.enumerated() {
            body += Self.part("images", file, fileName: "file\(position).bin")
        }
        body += Array("--\(Self.boundary)--\r\n".utf8)
        return try await form(body, query: query, headers)
    }

    func form(_ body: [UInt8], query: String = "", _ headers: [String: String] = [:]) async throws -> Answer {
        let type = ["Content-Type": "multipart/form-data; boundary=\(Self.boundary)"]
        return try await send(
            .post, "/v1/images/upload" + query, type.merging(headers) { _, new in new }, body: body)
    }

    static func part(_ name: String, _ bytes: [UInt8], fileName: String?) -> [UInt8] {
        let file = fileName.map { "; filename=\"\($0)\"" } ?? ""
        return Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\r\n".utf8) + bytes
            + Array("\r\n".utf8)
    }

    /// Uploads files and returns their ids.
    func ids(of files: [[UInt8]], metadata: JSONValue? = nil) async throws -> [String] {
        try await upload(files, metadata: metadata).results.compactMap { $0["image_id"]?.string }
    }
}
