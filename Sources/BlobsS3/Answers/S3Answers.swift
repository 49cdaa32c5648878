import Domain
import NIOHTTP1

/// `<Error>`: in a refusal, or in a 200 answer whose work failed after its head was sent.
struct ErrorAnswer: Sendable, Hashable {
    let code: String
    let message: String
    let requestID: String?
    /// Where the bucket is, when the request went elsewhere.
    let region: String?

    init?(_ body: [UInt8]) {
        guard let root = try? XMLReader.root(of: body), root.name == "Error" else { return nil }
        code = Self.printable(root["Code"] ?? "")
        message = Self.printable(root["Message"] ?? "")
        requestID = root["RequestId"].map(Self.printable)
        region = root["Region"].map(Self.printable)
    }

    /// Text from outside, fit for a line of the log.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(300).map { $0.properties.isPrintable ? $0 : " " }))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}

/// One page of `ListObjectsV2`.
struct ObjectPage: Sendable, Hashable {
    let keys: [String]
    /// Of the next page; nil on the last.
    let next: String?

    init(_ body: [UInt8]) throws(S3Failure) {
        let root = try S3XML.root("ListBucketResult", in: body)
        keys = try root.all("Contents").map { entry throws(S3Failure) in try S3XML.key(of: entry, in: root) }
        next = root["IsTruncated"] == "true" ? root["NextContinuationToken"] : nil
        guard next != nil || root["IsTruncated"] != "true" else {
            throw S3Failure(.malformedAnswer, "a list goes on but does not say where")
        }
    }
}

/// One page of `ListMultipartUploads`.
struct UploadPage: Sendable, Hashable {
    struct Upload: Sendable, Hashable {
        let key: String
        let id: String
        let startedAt: Timestamp
    }
    let uploads: [Upload]
    /// Where the next page begins; nil on the last.
    let next: [Field]?

    init(_ body: [UInt8]) throws(S3Failure) {
        let root = try S3XML.root("ListMultipartUploadsResult", in: body)
        uploads = try root.all("Upload").map { entry throws(S3Failure) in
            guard let id = entry["UploadId"], let startedAt = entry["Initiated"].flatMap({ RFC3339.timestamp($0) })
            else {
                throw S3Failure(.malformedAnswer, "an upload has no id or no time")
            }
            return Upload(key: try S3XML.key(of: entry, in: root), id: id, startedAt: startedAt)
        }
        guard root["IsTruncated"] == "true" else {
            next = nil
            return
        }
        let markers = [("key-marker", "NextKeyMarker"), ("upload-id-marker", "NextUploadIdMarker")].compactMap {
            (parameter, element) in root[element].map { Field(parameter, $0) }
        }.filter { !$0.value.isEmpty }
        guard !markers.isEmpty else { throw S3Failure(.malformedAnswer, "a list goes on but does not say where") }
        next = markers
    }
}

enum S3XML {
    /// - Throws: `S3Failure` of kind `.malformedAnswer`.
    static func root(_ name: String, in body: [UInt8]) throws(S3Failure) -> XMLElement {
        do throws(XMLError) {
            let root = try XMLReader.root(of: body)
            guard root.name == name else { throw XMLError(reason: "\(name) expected", position: 0) }
            return root
        } catch {
            throw S3Failure(.malformedAnswer, "an answer is no \(name): \(error.reason) at byte \(error.position)")
        }
    }

    /// Keys come percent-encoded where that was asked for and understood, as XML can't spell every character.
    static func key(of entry: XMLElement, in root: XMLElement) throws(S3Failure) -> String {
        guard let text = entry["Key"],
            let key = root["EncodingType"] == "url"
                ? PercentEncoding.decode(text.replacing("+", with: " ")) : text
        else { throw S3Failure(.malformedAnswer, "an entry of a list has no key") }
        return key
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
