import Domain
import Foundation

/// What to look for: words, an example, or both.
public struct SearchRequest: Sendable, Hashable {
    public var text: String?
    /// An image of the account to find more of.
    public var like: ImageID?
    /// The bytes of an example image.
    public var image: [UInt8]?
    /// 1 to 200.
    public var limit: Int
    /// Least score, 0 to 1.
    public var threshold: Double?
    public var filter: RemoteFilter

    public init(
        text: String? = nil, like: ImageID? = nil, image: [UInt8]? = nil, limit: Int = 10, threshold: Double? = nil,
        filter: RemoteFilter = RemoteFilter()
    ) {
        self.text = text
        self.like = like
        self.image = image
        self.limit = limit
        self.threshold = threshold
        self.filter = filter
    }

    var json: JSONObject {
        var object = JSONObject()
        if let text { object["query"] = .string(text) }
        if let like { object["image_id"] = .string(like.description) }
        if let image { object["image"] = .string(Data(image).base64EncodedString()) }
        object["max_results"] = .number(JSONNumber(limit))
        if let threshold { object["threshold"] = .number(JSONNumber(threshold)) }
        let filters = filter.json
        if !filters.isEmpty { object["filters"] = .object(filters) }
        return object
    }
}

extension ImagoClient {
    /// - Returns: the images found, best first, and the answer as the server sent it.
    public func search(_ search: SearchRequest) async throws -> (hits: [SearchHit], json: JSONValue) {
        let request = Request(.POST, "/v1/images/search", body: .json(.object(search.json)))
        let json = try await transport.send(request).json()
        guard let results = json["results"]?.array else {
            throw ClientError(.malformedAnswer, "the server's answer holds no results")
        }
        return (try results.map { try SearchHit(json: $0) }, json)
    }

    /// Reads an example image for a search.
    /// - Parameter limit: the most bytes taken; an example travels inside the request's JSON.
    /// - Throws: `ClientError` of kind `.localFile`.
    public static func example(path: String, limit: Int64 = 20 << 20) async throws -> [UInt8] {
        let file = try await LocalFile.open(path)
        guard (1...limit).contains(file.stamp.size) else {
            throw ClientError(.localFile, "\(path) is \(file.stamp.size) bytes; 1 to \(limit) are taken")
        }
        var bytes: [UInt8] = []
        while true {
            let chunk = try await file.read(from: Int64(bytes.count))
            guard chunk.readableBytes > 0 else { return bytes }
            bytes += chunk.readableBytesView
        }
    }
}
