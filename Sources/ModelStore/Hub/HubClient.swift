import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Fetches files from a hub: resumes what was cut off, follows redirects with care, and compares what arrived with what
/// the hub says it is.
public struct HubClient: Sendable {
    let address: HubAddress
    private let http: HTTPClient
    private let sleep: @Sendable (Double) async throws -> Void

    private static let mostRedirects = 5
    /// Tries in a row that bring nothing new.
    private static let mostTries = 5
    private static let largestFile: Int64 = 16 << 30

    /// Runs `body` with a client whose connections are closed when it returns.
    /// - Parameters:
    ///   - readTimeout: seconds that a connection may be silent.
    ///   - sleep: waits that many seconds before another try.
    public static func with<Value>(
        _ address: HubAddress, readTimeout: Double = 60,
        sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) },
        _ body: (HubClient) async throws -> Value
    ) async throws -> Value {
        var settings = HTTPClient.Configuration()
        settings.timeout.connect = .seconds(15)
        settings.timeout.read = .milliseconds(Int64(readTimeout * 1000))
        settings.connectionPool.retryConnectionEstablishment = false
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        do {
            let value = try await body(HubClient(address: address, http: http, sleep: sleep))
            try await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Fetches one file to `path`, where an earlier try may have left its beginning.
    /// - Parameters:
    ///   - sha256: what the content must have; nil for what the hub says.
    ///   - progress: bytes there so far, and bytes in all where known.
    func fetch(
        repository: String, file: String, to path: String, sha256: String?,
        progress: @Sendable (Int64, Int64?) -> Void
    ) async throws -> (digest: FileDigest, commit: String?) {
        let url = address.url(repository: repository, path: file)
        var mayStartAgain = Self.size(of: path) > 0
        while true {
            let record = try await download(url, to: path, progress: progress)
            let digest = try await NIOThreadPool.singleton.runIfActive { try Disk.digest(path) }
            if Self.matches(digest, record, sha256: sha256) { return (digest, record.commit) }
            try Disk.remove(path)
            // What was there from before may have been another file's beginning.
            guard mayStartAgain else { throw Self.wrong(file, record, sha256: sha256) }
            mayStartAgain = false
        }
    }

    private static func matches(_ digest: FileDigest, _ record: HubRecord, sha256: String?) -> Bool {
        if let sha256 { return digest.sha256 == sha256 }
        if let sha256 = record.sha256 { return digest.sha256 == sha256 }
        return record.git == digest.git
    }

    private static func wrong(_ file: String, _ record: HubRecord, sha256: String?) -> ModelStoreError {
        guard sha256 != nil || record.sha256 != nil || record.git != nil else {
            return ModelStoreError(.hubFailed, "the hub gives no checksum for \(file), so it can't be trusted")
        }
        return ModelStoreError(
            .wrongContent, "\(file) is not what \(sha256 == nil ? "the hub says" : "the catalogue says") it should be",
            hint: "Its SHA-256 differs. Nothing was installed.")
    }

    /// Brings the file to its end, over as many connections as it takes.
    private func download(
        _ url: String, to path: String, progress: @Sendable (Int64, Int64?) -> Void
    ) async throws -> HubRecord {
        var tries = 0
        while true {
            let before = Self.size(of: path)
            do {
                return try await attempt(url, to: path, progress: progress)
            } catch let failure as Passing {
                tries = Self.size(of: path) > before ? 1 : tries + 1
                // A hub that never answered is not waited for: there may be no connection at all.
                let isUnheardOf = failure.error.code == .offline && tries == 1 && before == 0
                guard tries < Self.mostTries, !isUnheardOf else { throw failure.error }
                try await sleep(min(30, Double(1 << tries) / 2))
            }
        }
    }

    /// A failure that another try may mend.
    private struct Passing: Error {
        let error: ModelStoreError
    }

    private func attempt(
        _ url: String, to path: String, progress: @Sendable (Int64, Int64?) -> Void
    ) async throws -> HubRecord {
        let offset = Self.size(of: path)
        let (response, record) = try await open(url, from: offset)
        switch response.status.code {
        case 200: try Disk.remove(path)
        case 206 where Self.start(of: response.headers) == offset: break
        case 206, 416:
            // All is there already, or the beginning is of no use.
            if response.status.code == 416, let bytes = record.bytes, bytes == offset { return record }
            try Disk.remove(path)
            throw Passing(error: ModelStoreError(.hubFailed, "the hub did not go on where the file was cut off"))
        case 401, 403:
            throw ModelStoreError(
                .notPermitted, "the hub does not let \(url) be read",
                hint: "Put an access token in HF_TOKEN; the model's page may ask for consent first.")
        case 404: throw ModelStoreError(.notFound, "the hub has no \(url)")
        case 408, 429, 500...599:
            throw Passing(error: ModelStoreError(.hubFailed, "the hub answers \(response.status.code) for \(url)"))
        default: throw ModelStoreError(.hubFailed, "the hub answers \(response.status.code) for \(url)")
        }
        let done = response.status.code == 206 ? offset : 0
        let length = response.headers.first(name: "content-length").flatMap(Int64.init)
        let total = record.bytes ?? length.map { $0 + done }
        try await save(response.body, to: path, from: done, total: total, progress: progress)
        return record
    }

    private func save(
        _ body: HTTPClientResponse.Body, to path: String, from start: Int64, total: Int64?,
        progress: @Sendable (Int64, Int64?) -> Void
    ) async throws {
        let file = try AppendedFile(path: path)
        var done = start
        progress(done, total)
        do {
            for try await chunk in body {
                done += Int64(chunk.readableBytes)
                guard done <= min(total ?? Self.largestFile, Self.largestFile) else {
                    throw ModelStoreError(.wrongContent, "the hub sends more than it said")
                }
                try await NIOThreadPool.singleton.runIfActive { try file.append(chunk) }
                progress(done, total)
            }
        } catch {
            throw try Self.passing(error)
        }
        if let total, done < total {
            throw Passing(error: ModelStoreError(.hubFailed, "the connection to the hub broke again and again"))
        }
    }

    /// Asks for the file from an offset, following redirects; the token goes to the hub alone.
    private func open(_ address: String, from offset: Int64) async throws -> (HTTPClientResponse, HubRecord) {
        guard var url = URL(string: address) else { throw ModelStoreError(.hubFailed, "\(address) is no address") }
        var record = HubRecord()
        for _ in 0...Self.mostRedirects {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "user-agent", value: "imago")
            // As it is: a compressed answer would have other lengths and offsets.
            request.headers.add(name: "accept-encoding", value: "identity")
            if offset > 0 { request.headers.add(name: "range", value: "bytes=\(offset)-") }
            let isOwn = self.address.isOwn(url)
            if isOwn, let token = self.address.token {
                request.headers.add(name: "authorization", value: "Bearer \(token)")
            }
            let response: HTTPClientResponse
            do {
                response = try await http.execute(request, deadline: .distantFuture)
            } catch {
                throw try Self.passing(error)
            }
            if isOwn { record = HubRecord(record, then: HubRecord(response.headers)) }
            guard [301, 302, 303, 307, 308].contains(response.status.code) else { return (response, record) }
            guard let target = response.headers.first(name: "location").flatMap({ URL(string: $0, relativeTo: url) }),
                HubAddress.origin(of: target) != nil, url.scheme != "https" || target.scheme == "https"
            else { throw ModelStoreError(.hubFailed, "the hub redirects to where nothing can be fetched") }
            url = target.absoluteURL
        }
        throw ModelStoreError(.hubFailed, "the hub redirects in circles")
    }

    /// What the network library throws, as a failure that may pass.
    /// - Throws: what is none of the network's.
    private static func passing(_ error: any Error) throws -> Passing {
        switch error {
        case is CancellationError: throw error
        case let error as HTTPClientError where error == .cancelled: throw CancellationError()
        case let error as HTTPClientError where error == .connectTimeout:
            return Passing(error: ModelStoreError(.offline, "the hub can't be reached"))
        case let error as HTTPClientError where error == .readTimeout:
            return Passing(error: ModelStoreError(.hubFailed, "the hub fell silent"))
        case is HTTPClientError:
            return Passing(error: ModelStoreError(.hubFailed, "the connection to the hub broke again and again"))
        case is NIOConnectionError, is SocketAddressError, is IOError:
            return Passing(error: ModelStoreError(.offline, "the hub can't be reached"))
        case is ChannelError, is HTTPParserError:
            return Passing(error: ModelStoreError(.hubFailed, "the connection to the hub broke again and again"))
        default: throw error
        }
    }

    /// The first byte of a partial answer (RFC 9110, section 14.4).
    private static func start(of headers: HTTPHeaders) -> Int64? {
        headers.first(name: "content-range").flatMap { text in
            guard text.hasPrefix("bytes ") else { return nil }
            return text.dropFirst(6).split(separator: "-").first.flatMap { Int64($0) }
        }
    }

    private static func size(of path: String) -> Int64 {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.int64Value ?? 0
    }
}

extension HubRecord {
    /// What is known after another answer of the hub itself, as when a repository has moved.
    fileprivate init(_ earlier: HubRecord, then later: HubRecord) {
        self.init()
        sha256 = later.sha256 ?? earlier.sha256
        git = later.git ?? earlier.git
        bytes = later.bytes ?? earlier.bytes
        commit = later.commit ?? earlier.commit
    }
}

/// A file that is written at its end, closed with its last reference.
///
/// `@unchecked`: one download at a time writes to it, one chunk after the other.
private final class AppendedFile: @unchecked Sendable {
    private let descriptor: Int32

    init(path: String) throws(ModelStoreError) {
        descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw ModelStoreError(.folderFailed, "\(path) can't be written: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    func append(_ chunk: ByteBuffer) throws(ModelStoreError) {
        var rest = chunk.readableBytesView[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw ModelStoreError(
                    .folderFailed, "the model can't be written: \(String(cString: strerror(errno)))",
                    hint: errno == ENOSPC ? "No room is left on the disk." : nil)
            }
            rest = rest.dropFirst(count)
        }
    }
}
