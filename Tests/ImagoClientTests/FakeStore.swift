import Domain
import Crypto
import ImagoClient

/// What goes wrong with a request.
enum Fault: Sendable, Hashable {
    /// An error answer; nothing is done.
    case answer(status: Int, retryAfter: Int? = nil)
    /// The connection breaks in the middle of the answer; the request was not carried out.
    case cut
    /// The same, but it was.
    case cutAfterwards
    /// An error answer before the body is read, after which the connection is closed.
    case early(status: Int)
}

/// The state of a fake server that keeps the contract: one account's images, faults to come, and what was asked.
actor FakeStore {
    struct Stored: Sendable {
        let id: ImageID
        let hash: ContentHash
        let bytes: [UInt8]
        let fileName: String
        let metadata: JSONValue
        let time: Double
        var status: Int
    }

    private struct Clock: TimeSource { let now: Double }

    private(set) var images: [Stored] = []
    private(set) var requests: [String] = []
    private(set) var idempotencyKeys: [String] = []
    private var answers: [String: [ImageID]] = [:]
    private var faults: [(prefix: String, fault: Fault)] = []
    private let identifiers = IdentifierGenerator(clock: Clock(now: 1_764_000_000))
    private var time = 1_764_000_000.0
    /// Files of one request at most.
    var maximumFiles = 64
    /// Called before an upload is carried out.
    var beforeUpload: @Sendable () async -> Void = {}

    func setMaximumFiles(_ count: Int) { maximumFiles = count }
    func setBeforeUpload(_ action: @escaping @Sendable () async -> Void) { beforeUpload = action }

    /// The next requests whose method and path start so go wrong, one for each fault.
    func fail(_ prefix: String, with faults: [Fault]) {
        self.faults += faults.map { (prefix, $0) }
    }

    func fault(of request: String) -> Fault? {
        requests.append(request)
        guard let position = faults.firstIndex(where: { request.hasPrefix($0.prefix) }) else { return nil }
        return faults.remove(at: position).fault
    }

    func forgetRequests() { requests = [] }
    func count(_ prefix: String) -> Int { requests.count { $0.hasPrefix(prefix) } }

    /// Adds an image that came another way.
    func add(_ bytes: [UInt8]) -> ImageID {
        store(bytes, name: "other.jpg", metadata: [:], index: true).id
    }

    func delete(_ id: ImageID) -> Bool {
        let before = images.count
        images.removeAll { $0.id == id }
        return images.count < before
    }

    func finishIndexing(failing failed: Set<ImageID> = []) {
        for position in images.indices where images[position].status == 1 {
            images[position].status = failed.contains(images[position].id) ? 3 : 2
        }
    }

    private func store(_ bytes: [UInt8], name: String, metadata: JSONValue, index: Bool) -> Stored {
        time += 1
        let stored = Stored(
            id: identifiers.next(), hash: ContentHash(bytes: SHA256.hash(data: bytes))!, bytes: bytes,
            fileName: name, metadata: metadata, time: time, status: index ? 1 : 0)
        images.append(stored)
        return stored
    }

    /// One result a file: a file with `BAD` in it is refused.
    func upload(_ files: [(name: String, bytes: [UInt8])], metadata: JSONValue?, key: String?) -> [JSONValue] {
        if let key {
            idempotencyKeys.append(key)
            if let ids = answers[key] {
                return ids.map { id in
                    images.first { $0.id == id }.map(Self.json)
                        ?? ["error": ["code": "image_deleted", "message": "deleted since"]]
                }
            }
        }
        var ids: [ImageID] = []
        let results = files.enumerated().map { position, file -> JSONValue in
            if String(decoding: file.bytes, as: UTF8.self).contains("BAD") {
                return ["error": ["code": "unsupported_image", "message": "not a picture after all"]]
            }
            let request = metadata?["requests"]?.array?[position]
            let stored = store(
                file.bytes, name: file.name, metadata: request?["metadata"] ?? [:],
                index: request?["indexing_config"]?["index"]?.bool ?? true)
            ids.append(stored.id)
            return Self.json(stored)
        }
        if let key, ids.count == files.count { answers[key] = ids }
        return results
    }

    /// Newest first.
    func page(limit: Int, cursor: Int, ids: [String]?, status: Int?) -> JSONValue {
        let all = images.reversed().filter { image in
            (ids?.contains(image.id.description) ?? true) && (status.map { $0 == image.status } ?? true)
        }
        let end = min(all.count, cursor + limit)
        return [
            "results": .array(all[min(cursor, end)..<end].map(Self.json)), "total": .number(JSONNumber(all.count)),
            "next_cursor": end < all.count ? .string(String(end)) : .null,
        ]
    }

    func image(_ id: String) -> Stored? { images.first { $0.id.description == id } }

    static func json(_ image: Stored) -> JSONValue {
        var object: JSONObject = [
            "image_id": .string(image.id.description),
            "image_url": .string("http://example.test/v1/images/\(image.id)/content?sig=x"),
            "indexing_status": .number(JSONNumber(image.status)), "image_metadata": image.metadata,
            "upload_timestamp": .number(JSONNumber(image.time)), "width": 4, "height": 3,
            "content_type": "image/jpeg", "size_bytes": .number(JSONNumber(image.bytes.count)),
            "sha256": .string(image.hash.hex),
        ]
        if image.status == 3 { object["indexing_error"] = ["code": "decode_failed", "message": "can't be decoded"] }
        return .object(object)
    }
}
