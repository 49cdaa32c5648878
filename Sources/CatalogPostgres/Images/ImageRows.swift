import Domain
import PostgresClient

enum ImageColumns {
    /// In the order `PostgresRow.image` reads them.
    static let all = """
        image.row, image.id, image.account, image.hash, image.format, image.width, image.height, image.frames, \
        image.size_bytes, image.status, image.failure_code, image.failure_message, image.uploaded_at, \
        image.file_name, image.metadata
        """
}

extension PostgresRow {
    func image() throws -> Image {
        guard let format = ImageFormat(rawValue: try self[4]), let status = IndexingStatus(rawValue: try self[9]),
            let metadata = try json(14).object
        else { throw damaged("image") }
        let message = try optionalText(11)
        return Image(
            id: try identifier(1), row: try self[0], accountID: try identifier(2), contentHash: try hash(3),
            properties: ImageProperties(
                format: format, width: try self[5], height: try self[6], frames: try self[7], sizeBytes: try self[8]),
            fileName: try optionalText(13), metadata: metadata, status: status,
            failure: try optionalText(10).map { IndexingFailure(code: $0, message: message ?? "") },
            uploadedAt: try self[12])
    }
}

extension PostgresSession {
    /// The images a condition picks; `condition` is SQL of ours, its values are bound.
    func images(where condition: String, _ parameters: [PostgresParameter]) throws -> [Image] {
        try run("SELECT \(ImageColumns.all) FROM image WHERE \(condition)", parameters).map { try $0.image() }
    }
}
