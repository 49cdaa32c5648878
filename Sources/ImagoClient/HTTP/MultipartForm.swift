import NIOCore

/// A `multipart/form-data` body (RFC 7578) of texts and files, read from the disk as it is sent.
///
/// It may be sent more than once: each iteration starts over.
struct MultipartForm: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    enum Part: Sendable {
        case text(name: String, contentType: String?, value: [UInt8])
        case file(name: String, fileName: String, path: String, stamp: LocalFile.Stamp)
    }

    /// A head and then, for a file, what follows it from the disk.
    fileprivate struct Section: Sendable {
        let head: [UInt8]
        let file: (path: String, stamp: LocalFile.Stamp)?
    }

    private let sections: [Section]
    private let boundary: String

    /// - Parameter boundary: must not occur in the parts. The same request sent again should have the same one, so
    ///   that a server may compare the bytes.
    init(_ parts: [Part], boundary: String) {
        self.boundary = boundary
        var sections = parts.enumerated().map { position, part in
            Section(
                head: Array("\(position == 0 ? "" : "\r\n")--\(boundary)\r\n\(part.head)".utf8) + part.text,
                file: part.file)
        }
        sections.append(Section(head: Array("\(parts.isEmpty ? "" : "\r\n")--\(boundary)--\r\n".utf8), file: nil))
        self.sections = sections
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    /// Of the whole body, in bytes.
    var length: Int64 { sections.reduce(0) { $0 + Int64($1.head.count) + ($1.file?.stamp.size ?? 0) } }

    func makeAsyncIterator() -> Iterator { Iterator(sections: sections[...]) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var sections: ArraySlice<Section>
        private var file: LocalFile?
        private var offset: Int64 = 0

        fileprivate init(sections: ArraySlice<Section>) { self.sections = sections }

        /// - Throws: `ClientError` of kind `.localFile` when a file is gone or is no longer the one it was.
        mutating func next() async throws -> ByteBuffer? {
            if let file {
                if offset < file.stamp.size {
                    let chunk = try await file.read(from: offset)
                    guard chunk.readableBytes > 0, offset + Int64(chunk.readableBytes) <= file.stamp.size else {
                        throw ClientError(.localFile, "changed while it was read")
                    }
                    offset += Int64(chunk.readableBytes)
                    return chunk
                }
                self.file = nil
            }
            guard let section = sections.popFirst() else { return nil }
            if let (path, stamp) = section.file {
                let opened = try await LocalFile.open(path)
                guard opened.stamp == stamp else { throw ClientError(.localFile, "changed while it was read") }
                file = opened
                offset = 0
            }
            return ByteBuffer(bytes: section.head)
        }
    }
}

extension MultipartForm.Part {
    fileprivate var head: String {
        switch self {
        case .text(let name, let contentType, _):
            "Content-Disposition: form-data; name=\"\(name)\"\r\n"
                + (contentType.map { "Content-Type: \($0)\r\n" } ?? "") + "\r\n"
        case .file(let name, let fileName, _, _):
            "Content-Disposition: form-data; name=\"\(name)\"; filename=\"\(Self.escaped(fileName))\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n"
        }
    }

    fileprivate var text: [UInt8] {
        if case .text(_, _, let value) = self { value } else { [] }
    }

    fileprivate var file: (path: String, stamp: LocalFile.Stamp)? {
        if case .file(_, _, let path, let stamp) = self { (path, stamp) } else { nil }
    }

    /// As browsers write names (the HTML standard, "multipart/form-data encoding algorithm").
    private static func escaped(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": text += "%22"
            case "\r": text += "%0D"
            case "\n": text += "%0A"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
