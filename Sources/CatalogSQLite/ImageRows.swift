import Domain
import GRDB

enum ImageColumns {
    /// In the order `Row.image` reads them.
    static let all = """
        image.row, image.id, image.account, image.hash, image.format, image.width, image.height, image.frames, \
        image.size_bytes, image.status, image.failure_code, image.failure_message, image.uploaded_at, \
        image.file_name, image.metadata
        """
}

extension Row {
    func image() throws -> Image {
        guard let format = ImageFormat(rawValue: self[4]), let status = IndexingStatus(rawValue: self[9]),
            let metadata = try json(14).object
        else { throw damaged("image") }
        let failureCode: String? = self[10]
        return Image(
            id: try identifier(1), row: self[0], accountID: try identifier(2), contentHash: try hash(3),
            properties: ImageProperties(
                format: format, width: self[5], height: self[6], frames: self[7], sizeBytes: self[8]),
            fileName: self[13], metadata: metadata, status: status,
            failure: failureCode.map { IndexingFailure(code: $0, message: self[11] ?? "") }, uploadedAt: self[12])
    }
}

extension Database {
    /// The images a condition picks; `condition` is SQL of ours, its values are bound.
    func images(where condition: String, _ arguments: StatementArguments) throws -> [Image] {
        let statement = try cachedStatement(sql: "SELECT \(ImageColumns.all) FROM image WHERE \(condition)")
        var images: [Image] = []
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() { images.append(try row.image()) }
        return images
    }

    func image(_ id: ImageID, account: AccountID) throws -> Image? {
        try images(where: "image.id = ? AND image.account = ?", [id.data, account.data]).first
    }

    /// Runs a statement that is likely to come again.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
