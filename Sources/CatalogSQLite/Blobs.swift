import Domain
import Foundation
import GRDB

extension SQLiteCatalog {
    public func unreferencedBlobs(limit: Int) async throws -> [ContentHash] {
        try await hashes("SELECT hash FROM blob WHERE reference_count = 0 ORDER BY hash LIMIT ?", [limit])
    }

    public func isReferenced(_ hash: ContentHash) async throws -> Bool {
        try await read { database in
            try Int.fetchOne(
                database.cachedStatement(sql: "SELECT 1 FROM blob WHERE hash = ? AND reference_count > 0"),
                arguments: [hash.data]) != nil
        }
    }

    public func forgetBlobs(_ hashes: [ContentHash]) async throws {
        guard !hashes.isEmpty else { return }
        try await write { database in
            for hash in hashes {
                try database.run("DELETE FROM blob WHERE hash = ? AND reference_count = 0", [hash.data])
            }
        }
    }

    public func referencedBlobs(after hash: ContentHash?, limit: Int) async throws -> [ContentHash] {
        try await hashes(
            "SELECT hash FROM blob WHERE reference_count > 0 AND hash > ? ORDER BY hash LIMIT ?",
            [hash?.data ?? Data(), limit])
    }

    private func hashes(_ sql: String, _ arguments: StatementArguments) async throws -> [ContentHash] {
        try await read { database in
            try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { try $0.hash(0) }
        }
    }

    public func wrongBlobReferences() async throws -> Int {
        try await read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(DISTINCT hash) FROM image
                            WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = image.hash))
                        + (SELECT count(*) FROM blob
                            WHERE reference_count <> (SELECT count(*) FROM image WHERE image.hash = blob.hash))
                    """) ?? 0
        }
    }

    public func mendBlobReferences() async throws -> Int {
        try await write { database in
            try database.run(
                """
                INSERT INTO blob (hash, size_bytes, reference_count)
                SELECT hash, max(size_bytes), count(*) FROM image
                WHERE NOT EXISTS (SELECT 1 FROM blob WHERE blob.hash = image.hash) GROUP BY hash
                """)
            var mended = database.changesCount
            try database.run(
                """
                UPDATE blob SET reference_count = (SELECT count(*) FROM image WHERE image.hash = blob.hash)
                WHERE reference_count <> (SELECT count(*) FROM image WHERE image.hash = blob.hash)
                """)
            mended += database.changesCount
            return mended
        }
    }

    public func markLost(_ hash: ContentHash, failure: IndexingFailure) async throws -> Int {
        try await write { database in
            let rows = try ImageRow.fetchAll(
                database, sql: "SELECT row FROM image WHERE hash = ?", arguments: [hash.data])
            for row in rows {
                try database.run("DELETE FROM job WHERE image = ?", [row])
                try database.run("DELETE FROM vector WHERE image = ?", [row])
                try database.setStatus(.failed, failure: failure, of: row)
            }
            return rows.count
        }
    }
}
