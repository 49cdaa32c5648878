import Domain
import PostgresClient

// How the domain's values are bound. Reading goes the other way in `PostgresRow`'s extensions: columns have types and
// checks, so a value of the wrong kind means damaged data.

extension PostgresParameter {
    static func id<Subject>(_ id: Identifier<Subject>?) -> Self { .uuid(id?.uuid.bytes) }
    static func ids<Subject>(_ ids: [Identifier<Subject>]) -> Self { .uuids(ids.map(\.uuid.bytes)) }
    static func hash(_ hash: ContentHash?) -> Self { .bytes(hash?.bytes) }
    static func hashes(_ hashes: [ContentHash]) -> Self { .byteStrings(hashes.map(\.bytes)) }
    /// Text from outside, which may hold any character.
    static func stored(_ text: String?) -> Self { .text(text.map(StoredText.encode)) }
}

extension PostgresRow {
    func identifier<Subject>(_ column: Int, of _: Subject.Type = Subject.self) throws -> Identifier<Subject> {
        guard let uuid = UUIDValue(bytes: try self[column] as [UInt8]) else { throw damaged("identifier") }
        return Identifier(uuid)
    }

    func hash(_ column: Int) throws -> ContentHash {
        guard let hash = ContentHash(bytes: try self[column] as [UInt8]) else { throw damaged("hash") }
        return hash
    }

    /// Reads the text of a JSON value, kept as text.
    func json(_ column: Int) throws -> JSONValue {
        guard let value = try? JSONValue(parsing: self[column] as String, maximumDepth: 512) else {
            throw damaged("JSON")
        }
        return value
    }

    func text(_ column: Int) throws -> String { StoredText.decode(try self[column]) }
    func optionalText(_ column: Int) throws -> String? { (try self[column] as String?).map(StoredText.decode) }

    func damaged(_ what: String) -> CatalogError { .unavailable("the catalog holds a damaged \(what)") }
}

extension PostgresRows {
    /// The first field of the first row, of statements that answer with one.
    func single<Value: PostgresReadable>() throws -> Value {
        guard let row = first else { throw CatalogError.unavailable("a statement that must answer did not") }
        return try row[0]
    }
}
