@testable import BlobsS3
import Domain
import Foundation
import NIOHTTP1

/// A bucket in memory that keeps the S3 API as far as the store uses it, and compares what it gets with its checksums.
///
/// Before it answers, a test may answer in its place.
actor FakeBucket {
    typealias Request = ScriptedServer.Request
    typealias Reply = ScriptedServer.Reply

    private(set) var objects: [String: [UInt8]] = [:]
    private(set) var uploads: [String: [Int: [UInt8]]] = [:]
    /// What was asked, for instance `PUT key partNumber=1&uploadId=u1`.
    private(set) var log: [String] = []
    private(set) var requests: [Request] = []
    private var nextUpload = 0
    private let intervene: @Sendable (Request, _ earlier: Int) -> Reply?
    private var seen: [String: Int] = [:]

    /// - Parameter intervene: gets each request and how many of the same method and path there were before; nil lets it
    ///   pass.
    init(intervene: @escaping @Sendable (Request, _ earlier: Int) -> Reply? = { _, _ in nil }) {
        self.intervene = intervene
    }

    func put(_ key: String, _ bytes: [UInt8]) { objects[key] = bytes }

    func answer(_ request: Request) -> Reply {
        let key = PercentEncoding.decode(request.path.dropFirst("/bucket/".count)) ?? ""
        let line = [request.method, key, request.query].filter { !$0.isEmpty }.joined(separator: " ")
        log.append(line)
        requests.append(request)
        let earlier = seen[request.method + key, default: 0]
        seen[request.method + key] = earlier + 1
        if let reply = intervene(request, earlier) { return reply }
        return serve(request, key)
    }

    private func serve(_ request: Request, _ key: String) -> Reply {
        let query = Dictionary(
            request.query.split(separator: "&").map { pair -> (String, String) in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), PercentEncoding.decode(parts.dropFirst().first ?? "") ?? "")
            }, uniquingKeysWith: { $1 })
        if let refusal = Self.checksumRefusal(request) { return refusal }
        switch request.method {
        case "HEAD" where key.isEmpty: return .answer(200)
        case "HEAD":
            guard let bytes = objects[key] else { return .answer(404) }
            return .answer(200, [("content-length", String(bytes.count))])
        case "GET" where query["list-type"] != nil: return list(query)
        case "GET" where query["uploads"] != nil: return listUploads()
        case "GET": return get(key, range: request.headers.first(name: "range"))
        case "PUT":
            if let upload = query["uploadId"], let number = query["partNumber"].flatMap(Int.init) {
                guard uploads[upload] != nil else { return Self.error(404, "NoSuchUpload") }
                uploads[upload]?[number] = request.body
                return .answer(200, [("etag", "\"part\(number)\"")])
            }
            return store(key, request.body, request)
        case "POST" where query["uploads"] != nil:
            nextUpload += 1
            uploads["u\(nextUpload)"] = [:]
            return .answer(
                200, [],
                Array(
                    "<InitiateMultipartUploadResult><UploadId>u\(nextUpload)</UploadId></InitiateMultipartUploadResult>"
                        .utf8))
        case "POST": return complete(key, query["uploadId"] ?? "", request)
        case "DELETE":
            if let upload = query["uploadId"] {
                return uploads.removeValue(forKey: upload) == nil ? Self.error(404, "NoSuchUpload") : .answer(204)
            }
            objects[key] = nil
            return .answer(204)
        default: return .answer(405)
        }
    }

    private func store(_ key: String, _ bytes: [UInt8], _ request: Request) -> Reply {
        if request.headers.first(name: "if-none-match") == "*", objects[key] != nil {
            return Self.error(412, "PreconditionFailed")
        }
        objects[key] = bytes
        return .answer(200, [("etag", "\"whole\"")])
    }

    private func complete(_ key: String, _ upload: String, _ request: Request) -> Reply {
        guard let parts = uploads[upload] else { return Self.error(404, "NoSuchUpload") }
        guard let root = try? XMLReader.root(of: request.body), root.all("Part").count == parts.count,
            root.all("Part").compactMap({ $0["PartNumber"] }) == parts.keys.sorted().map(String.init)
        else { return Self.error(400, "InvalidPart") }
        let reply = store(key, parts.sorted { $0.key < $1.key }.flatMap(\.value), request)
        guard case .answer(200, _, _) = reply else { return reply }
        uploads[upload] = nil
        return .answer(200, [], Array("  \n<CompleteMultipartUploadResult/>".utf8))
    }

    private func get(_ key: String, range: String?) -> Reply {
        guard let bytes = objects[key] else { return Self.error(404, "NoSuchKey") }
        guard let range = range?.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        else { return .answer(200, [], bytes) }
        let start = Int(range[0])!
        guard start < bytes.count else { return Self.error(416, "InvalidRange") }
        let end = min(Int(range[1]).map { $0 + 1 } ?? bytes.count, bytes.count)
        return .answer(206, [("content-range", "bytes \(start)-\(end - 1)/\(bytes.count)")], Array(bytes[start..<end]))
    }

    private func list(_ query: [String: String]) -> Reply {
        let keys = objects.keys.filter { $0.hasPrefix(query["prefix"]!) }.sorted()
            .drop { $0 <= query["continuation-token"] ?? "" }
        let page = keys.prefix(Int(query["max-keys"]!)!)
        let entries = page.map { "<Contents><Key>\(PercentEncoding.encode($0))</Key></Contents>" }.joined()
        let next = page.count < keys.count ? "<NextContinuationToken>\(page.last!)</NextContinuationToken>" : ""
        return .answer(
            200, [],
            Array(
                """
                <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>\(!next.isEmpty)</IsTruncated>\
                \(entries)\(next)</ListBucketResult>
                """.utf8))
    }

    private func listUploads() -> Reply {
        let entries = uploads.keys.sorted().map {
            "<Upload><Key>x</Key><UploadId>\($0)</UploadId><Initiated>2026-11-25T11:58:44Z</Initiated></Upload>"
        }
        return .answer(
            200, [],
            Array(
                "<ListMultipartUploadsResult>\(entries.joined())</ListMultipartUploadsResult>".utf8))
    }

    static func error(_ status: Int, _ code: String, _ headers: [(String, String)] = [], more: String = "") -> Reply {
        .answer(
            status, headers,
            Array(
                "<Error><Code>\(code)</Code><Message>as told</Message><RequestId>r1</RequestId>\(more)</Error>".utf8))
    }

    private static func checksumRefusal(_ request: Request) -> Reply? {
        let hash = ContentHash(sha256Of: request.body)
        guard request.headers.first(name: "x-amz-content-sha256") == hash.hex else {
            return error(400, "XAmzContentSHA256Mismatch")
        }
        let checksum = request.headers.first(name: "x-amz-checksum-sha256")
        return checksum == nil || checksum == hash.base64 ? nil : error(400, "BadDigest")
    }
}
