import Domain
import HTTPTypes
import Hummingbird
import Library
import NIOCore

/// `GET` and `HEAD /v1/images/{image_id}/content`: the original bytes, or a smaller copy.
struct ContentController: Sendable {
    let services: HTTPAPIServices
    let configuration: HTTPAPIConfiguration

    func content(_ request: Request, context: APIContext) async throws -> Response {
        let image = try await image(context)
        let query = QueryString(request.uri)
        if let wanted = try RenditionRequest(query, limit: configuration.limits.renditionSide, image: image) {
            return try await rendition(of: image, wanted, request)
        }
        return try await original(image, request, context)
    }

    /// With a key, the account's own image; otherwise the one whose signature was checked.
    private func image(_ context: APIContext) async throws -> Image {
        let id = try context.imageID
        let image =
            if let key = context.record.key {
                try await services.library.image(id, account: key.accountID)
            } else {
                try await services.library.signedImage(id)
            }
        guard let image else { throw APIError.noSuchImage }
        return image
    }

    private func original(_ image: Image, _ request: Request, _ context: APIContext) async throws -> Response {
        let size = image.properties.sizeBytes
        let tag = "\"\(image.contentHash.hex)\""
        let name = image.fileName ?? "\(image.id).\(image.properties.format.fileExtension)"
        var headers = Self.headers(tag: tag, type: image.properties.format.contentType, fileName: name)
        headers[.acceptRanges] = "bytes"
        if EntityTags(ifNoneMatch: request.headers[.ifNoneMatch]).contain(tag) { return Self.notModified(headers) }

        // A part is only right for who has the rest of the same bytes (RFC 9110 section 13.1.5).
        let condition = request.headers[.ifRange]
        let wanted = condition == nil || condition == tag ? request.headers[.range] : nil
        var status = HTTPResponse.Status.ok
        var range = 0..<size
        switch request.method == .head ? .whole : ByteRange(wanted, size: size) {
        case .whole: break
        case .part(let part):
            status = .partialContent
            range = part
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
        case .unsatisfiable: throw Self.unsatisfiable(size)
        }
        guard request.method != .head else {
            return Response(status: status, headers: headers, body: ResponseBody(contentLength: Int(size)) { _ in })
        }
        let pieces = try await services.library.content(of: image, range: range)
        context.record.answersInPieces = true
        let body = ResponseBody(contentLength: range.count) { writer in
            for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    private func rendition(
        of image: Image, _ wanted: RenditionRequest, _ request: Request
    ) async throws -> Response {
        let tag = "\"\(image.contentHash.hex)-\(wanted.name)\""
        let stem = image.fileName.map { $0.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
        let name =
            "\(stem.isEmpty ? image.id.description : stem).\(wanted.format == .jpeg ? "jpg" : wanted.format.rawValue)"
        let headers = Self.headers(tag: tag, type: wanted.format.contentType, fileName: name)
        if EntityTags(ifNoneMatch: request.headers[.ifNoneMatch]).contain(tag) { return Self.notModified(headers) }
        let bytes = try await services.library.rendition(of: image, wanted)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// One account's, so for no shared cache; an image's bytes never change, but it may be deleted.
    private static func headers(tag: String, type: String, fileName: String) -> HTTPFields {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.eTag] = tag
        headers[.cacheControl] = "private, max-age=86400"
        headers[.contentDisposition] = ContentDisposition.inline(fileName: fileName)
        // Opened by itself, an image is shown and nothing in it runs.
        headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
        headers[.crossOriginResourcePolicy] = "cross-origin"
        return headers
    }

    private static func notModified(_ headers: HTTPFields) -> Response {
        var headers = headers
        for name in [HTTPField.Name.contentType, .contentDisposition] { headers[name] = nil }
        return Response(status: .notModified, headers: headers)
    }

    private static func unsatisfiable(_ size: Int64) -> APIError {
        var error = APIError(
            .rangeNotSatisfiable, .validation, code: "range_not_satisfiable",
            "the range starts past the end of the image's \(size) bytes", parameter: "Range")
        error.headers[.contentRange] = "bytes */\(size)"
        return error
    }
}

extension HTTPField.Name {
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
}
