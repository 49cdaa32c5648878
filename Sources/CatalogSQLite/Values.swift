import Domain
import Foundation
import GRDB

// How the domain's values are bound. Reading goes the other way in `Row`'s extensions: the tables are STRICT and
// checked, so a value of the wrong kind means a damaged file.

extension Identifier {
    var data: Data { Data(uuid.bytes) }
}

extension ContentHash {
    var data: Data { Data(bytes) }
}

extension Row {
    func identifier<Subject>(_ column: Int, of _: Subject.Type = Subject.self) throws -> Identifier<Subject> {
        guard let uuid = UUIDValue(bytes: self[column] as Data) else { throw damaged("identifier") }
        return Identifier(uuid)
    }

    func hash(_ column: Int) throws -> ContentHash {
        guard let hash = ContentHash(bytes: self[column] as Data) else { throw damaged("hash") }
        return hash
    }

    func json(_ column: Int) throws -> JSONValue {
        guard let value = try? JSONValue(parsing: self[column] as String, maximumDepth: 512) else {
            throw damaged("JSON")
        }
        return value
    }

    func damaged(_ what: String) -> CatalogError { .unavailable("the catalog holds a damaged \(what)") }
}

/// A list of identifiers as one bound value, so that a statement's text does not depend on how many there are.
enum PackedIdentifiers {
    /// A subquery over the identifiers of one bound blob.
    static let subquery = """
        (WITH RECURSIVE packed (bytes) AS (SELECT ?), item (start) AS (
            SELECT 0 UNION ALL SELECT start + 16 FROM item, packed WHERE start + 32 <= length(bytes)
        ) SELECT substr(bytes, start + 1, 16) FROM item, packed)
        """

    static func data(_ ids: [ImageID]) -> Data {
        var data = Data(capacity: ids.count * 16)
        for id in ids { data.append(contentsOf: id.uuid.bytes) }
        return data
    }
}
