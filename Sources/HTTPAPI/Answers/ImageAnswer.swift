import Domain
import Hummingbird
import Library

/// Where the bytes of images are, as told to one client.
struct ContentURLs: Sendable {
    private let base: String
    private let signer: ContentSigner

    /// - Parameter publicURL: nil takes the request's `Host`; without a usable one, URLs have no host.
    init(publicURL: String?, request: Request, signer: ContentSigner) {
        let host = request.head.authority.flatMap { Self.isHost($0) ? "http://\($0)" : nil }
        base = publicURL ?? host ?? ""
        self.signer = signer
    }

    func url(of id: ImageID) -> String { "\(base)/v1/images/\(id)/content?\(signer.query(for: id))" }

    /// What a client writes there ends up in other clients' pages, so nothing else than a host and a port passes.
    private static func isHost(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || ".-_:[]".unicodeScalars.contains($0))
            }
    }
}

extension Image {
    /// The image object of upload, get and list.
    func json(_ urls: ContentURLs) -> JSONValue {
        var object: JSONObject = [
            "image_id": .string(id.description),
            "image_url": .string(urls.url(of: id)),
            "indexing_status": .number(JSONNumber(status.rawValue)),
            "image_metadata": .object(metadata),
            "upload_timestamp": .number(JSONNumber(uploadedAt)),
            "width": .number(JSONNumber(properties.width)),
            "height": .number(JSONNumber(properties.height)),
            "content_type": .string(properties.format.contentType),
            "size_bytes": .number(JSONNumber(properties.sizeBytes)),
            "sha256": .string(contentHash.hex),
        ]
        if let failure {
            object["indexing_error"] = ["code": .string(failure.code), "message": .string(failure.message)]
        }
        return .object(object)
    }
}

extension SearchResult {
    func json(_ urls: ContentURLs) -> JSONValue {
        [
            "image_id": .string(image.id.description),
            "image_url": .string(urls.url(of: image.id)),
            "image_metadata": .object(image.metadata),
            "upload_timestamp": .number(JSONNumber(image.uploadedAt)),
            "score": .number(JSONNumber(score)),
            // By way of text: the nearest double to 0.25431 and not that of the float's binary digits.
            "similarity": .number(JSONNumber(Double("\(similarity)") ?? Double(similarity))),
        ]
    }
}
