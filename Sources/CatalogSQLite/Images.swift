import Domain
import GRDB

extension SQLiteCatalog {
    public func insert(
        _ images: [NewImage], model: ModelID, answer: IdempotentAnswer?
    ) async throws -> [Image] {
        let maximumAttempts = self.maximumAttempts
        return try await write { database in
            if let answer { try database.insert(answer) }
            return try images.map { new in
                let row = try database.insert(new)
                if new.index {
                    try database.queueJob(
                        row: row, model: model, maximumAttempts: maximumAttempts, at: new.uploadedAt)
                }
                return new.stored(as: row)
            }
        }
    }

    public func image(_ id: ImageID, account: AccountID) async throws -> Image? {
        try await read { try $0.image(id, account: account) }
    }

    public func image(_ id: ImageID) async throws -> Image? {
        try await read { try $0.images(where: "image.id = ?", [id.data]).first }
    }

    public func images(_ ids: [ImageID], account: AccountID) async throws -> [Image] {
        try await read { database in
            try database.images(
                where: "image.account = ? AND image.id IN \(PackedIdentifiers.subquery)",
                [account.data, PackedIdentifiers.data(ids)])
        }
    }

    public func images(rows: [ImageRow], account: AccountID) async throws -> [Image] {
        guard !rows.isEmpty else { return [] }
        // Rows are our own numbers; JSON makes them one bound value.
        let list = "[" + rows.map(String.init).joined(separator: ",") + "]"
        return try await read { database in
            try database.images(
                where: "image.row IN (SELECT value FROM json_each(?)) AND image.account = ?", [list, account.data])
        }
    }

    public func delete(_ ids: [ImageID], account: AccountID) async throws -> DeletedImages {
        try await write { database in
            let images = try database.images(
                where: "image.account = ? AND image.id IN \(PackedIdentifiers.subquery)",
                [account.data, PackedIdentifiers.data(ids)])
            for image in images { try database.run("DELETE FROM image WHERE row = ?", [image.row]) }
            let unreferenced = try Set(images.map(\.contentHash)).filter { hash in
                try Int.fetchOne(
                    database, sql: "SELECT 1 FROM blob WHERE hash = ? AND reference_count = 0", arguments: [hash.data])
                    != nil
            }
            return DeletedImages(images: images, unreferenced: unreferenced.sorted())
        }
    }

    public func setMetadata(_ metadata: JSONObject, of id: ImageID, account: AccountID) async throws -> Image? {
        try await write { database in
            try database.run(
                "UPDATE image SET metadata = ? WHERE id = ? AND account = ?",
                [JSONValue.object(metadata).jsonText, id.data, account.data])
            return try database.image(id, account: account)
        }
    }

    public func queueIndexing(
        of id: ImageID, account: AccountID, model: ModelID, at time: Timestamp
    ) async throws -> Image? {
        let maximumAttempts = self.maximumAttempts
        return try await write { database in
            guard let image = try database.image(id, account: account) else { return nil }
            try database.run("DELETE FROM job WHERE image = ? AND model = ?", [image.row, model.rawValue])
            try database.queueJob(row: image.row, model: model, maximumAttempts: maximumAttempts, at: time)
            try database.setStatus(.inProgress, failure: nil, of: image.row)
            return try database.image(id, account: account)
        }
    }

    public func withdrawFromIndex(_ id: ImageID, account: AccountID) async throws -> Image? {
        try await write { database in
            guard let image = try database.image(id, account: account) else { return nil }
            try database.run("DELETE FROM job WHERE image = ?", [image.row])
            try database.run("DELETE FROM vector WHERE image = ?", [image.row])
            try database.setStatus(.notIndexed, failure: nil, of: image.row)
            return try database.image(id, account: account)
        }
    }

    public func imageCounts() async throws -> [IndexingStatus: Int] {
        try await read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT status, sum(images) FROM image_count GROUP BY status")
            return Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in
                    IndexingStatus(rawValue: row[0]).map { ($0, row[1] as Int) }
                })
        }
    }
}

extension NewImage {
    fileprivate var status: IndexingStatus { index ? .inProgress : .notIndexed }

    fileprivate func stored(as row: ImageRow) -> Image {
        Image(
            id: id, row: row, accountID: accountID, contentHash: contentHash, properties: properties,
            fileName: fileName, metadata: metadata, status: status, failure: nil, uploadedAt: uploadedAt)
    }
}

extension Database {
    fileprivate func insert(_ new: NewImage) throws -> ImageRow {
        try run(
            """
            INSERT INTO image (id, account, hash, format, width, height, frames, size_bytes, status, uploaded_at,
                file_name, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id.data, new.accountID.data, new.contentHash.data, new.properties.format.rawValue,
                new.properties.width, new.properties.height, new.properties.frames, new.properties.sizeBytes,
                new.status.rawValue, new.uploadedAt, new.fileName, JSONValue.object(new.metadata).jsonText,
            ])
        return lastInsertedRowID
    }

    func setStatus(_ status: IndexingStatus, failure: IndexingFailure?, of row: ImageRow) throws {
        try run(
            "UPDATE image SET status = ?, failure_code = ?, failure_message = ? WHERE row = ?",
            [status.rawValue, failure?.code, failure?.message, row])
    }
}
