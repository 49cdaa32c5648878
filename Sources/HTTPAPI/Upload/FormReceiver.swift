import Domain
import HTTPTypes
import Hummingbird
import Library
import Multipart
import NIOCore

/// Receives a multipart form: files go to the blob store piece by piece, other fields are kept in memory up to a limit.
struct FormReceiver: Sendable {
    /// Names a file part may have. Other files are refused, because leaving one out unsaid would lose it.
    static let fileNames: Set<String> = ["images", "image", "images[]", "file"]

    let library: ImageLibrary
    let limits: HTTPLimits
    /// Files one request may have.
    let maximumFiles: Int
    /// Fields that are read, with the most bytes each may have. Others are passed over.
    let fields: [String: Int]

    /// Receives the whole form. When it throws, nothing stays behind.
    func receive(_ body: BoundedBody, boundary: String) async throws -> ReceivedForm {
        var form = ReceivedForm()
        do {
            try await receive(body, boundary: boundary, into: &form)
        } catch {
            await form.discard(library)
            throw error
        }
        return form
    }

    private func receive(_ body: BoundedBody, boundary: String, into form: inout ReceivedForm) async throws {
        let limits = MultipartLimits(parts: maximumFiles + 64)
        var events = try MultipartSequence(body, boundary: boundary, limits: limits).makeAsyncIterator()
        while let event = try await events.next() {
            guard case .part(let part) = event else { continue }
            try Self.checkEncoding(part)
            guard let name = part.name else {
                throw APIError.invalid(
                    "a part of the multipart body has no Content-Disposition: form-data with a name",
                    code: "malformed_multipart")
            }
            if Self.fileNames.contains(name) {
                guard form.files.count < maximumFiles else { throw tooManyFiles }
                form.files.append(try await receiveFile(part, from: &events))
            } else if let limit = fields[name] {
                form.fields.append((name, try await receiveField(name, limit: limit, from: &events)))
            } else if part.fileName != nil {
                throw APIError.invalid(
                    "the file part \(name.prefix(64)) has a name that means nothing here; call it images",
                    code: "unknown_field", parameter: String(name.prefix(64)))
            }
        }
    }

    private var tooManyFiles: APIError {
        .tooLarge(
            maximumFiles == 1
                ? "the request has more than one file" : "the request has more than \(maximumFiles) files, the limit",
            code: "too_many_files", parameter: "images")
    }

    private func receiveFile(
        _ part: MultipartPart, from events: inout MultipartSequence<BoundedBody>.Iterator
    ) async throws -> StagedFile {
        var file = try await FileReceiver(library, limit: limits.fileBytes)
        do {
            while let event = try await events.next(), case .body(let bytes) = event {
                try await file.write(bytes.readableBytesView)
            }
            return try await file.finish(fileName: FileName.clean(part.fileName))
        } catch {
            await file.cancel()
            throw error
        }
    }

    private func receiveField(
        _ name: String, limit: Int, from events: inout MultipartSequence<BoundedBody>.Iterator
    ) async throws -> [UInt8] {
        var value: [UInt8] = []
        while let event = try await events.next(), case .body(let bytes) = event {
            guard value.count + bytes.readableBytes <= limit else {
                throw APIError.tooLarge("the field \(name) is larger than \(limit) bytes, its limit", parameter: name)
            }
            value.append(contentsOf: bytes.readableBytesView)
        }
        return value
    }

    /// Nobody encodes parts any more (RFC 7578 section 4.7), and taking them as they are would store garbage.
    private static func checkEncoding(_ part: MultipartPart) throws(APIError) {
        guard let encoding = part[header: "content-transfer-encoding"]?.lowercased() else { return }
        guard ["binary", "8bit", "7bit"].contains(encoding) else {
            throw .invalid(
                "a part of the multipart body has a Content-Transfer-Encoding; send the bytes as they are",
                code: "malformed_multipart")
        }
    }
}

/// A client's name for a file, which may be anything.
enum FileName {
    /// The last component without control characters, at most 255 characters; nil when nothing is left.
    static func clean(_ name: String?) -> String? {
        guard let name else { return nil }
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        let scalars = last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
            default: true
            }
        }
        let text = String(String(String.UnicodeScalarView(scalars)).prefix(255))
        return text.isEmpty ? nil : text
    }
}
