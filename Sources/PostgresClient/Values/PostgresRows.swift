import CPostgres

/// What a statement answered.
///
/// `@unchecked Sendable`: a complete `PGresult` is only read, which libpq allows from any thread, and it is freed with
/// the last reference.
public final class PostgresRows: RandomAccessCollection, @unchecked Sendable {
    private let result: OpaquePointer
    public let startIndex = 0
    public let endIndex: Int

    /// Takes the result over.
    init(_ result: OpaquePointer) {
        self.result = result
        endIndex = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    public subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position))
        return PostgresRow(rows: self, position: Int32(position))
    }

    /// How many rows the statement inserted, updated or deleted.
    public var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// What the server says it did, for instance `COMMIT`.
    var command: String { String(cString: PQcmdStatus(result)) }

    var status: ExecStatusType { PQresultStatus(result) }

    /// The code of the server's refusal; nil when it was libpq that gave up.
    var state: SQLState? {
        PQresultErrorField(result, Self.diagnosticState).map { SQLState(code: String(cString: $0)) }
    }

    /// The first line of the refusal. What follows it quotes values, and is left out.
    var refusal: String {
        let primary = PQresultErrorField(result, Self.diagnosticMessage).map { UnsafePointer($0) }
        return Connection.oneLine(primary ?? PQresultErrorMessage(result).map { UnsafePointer($0) })
    }

    // `PG_DIAG_SQLSTATE` and `PG_DIAG_MESSAGE_PRIMARY`: characters in C, which Swift does not take for integers.
    private static let diagnosticState = Int32(UInt8(ascii: "C"))
    private static let diagnosticMessage = Int32(UInt8(ascii: "M"))

    /// The bytes of a field, valid within `body`; nil for NULL.
    fileprivate func withField<Value>(
        _ row: Int32, _ column: Int, _ body: (UnsafeRawBufferPointer) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value? {
        guard PQgetisnull(result, row, Int32(column)) == 0, let start = PQgetvalue(result, row, Int32(column)) else {
            return nil
        }
        return try body(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, Int32(column)))))
    }
}

/// One row; its fields are read by their position.
public struct PostgresRow: Sendable {
    fileprivate let rows: PostgresRows
    fileprivate let position: Int32

    public subscript<Value: PostgresReadable>(column: Int) -> Value {
        get throws(PostgresError) {
            guard let value = try self[column] as Value? else {
                throw PostgresError(.unexpectedResult, "column \(column) is NULL")
            }
            return value
        }
    }

    public subscript<Value: PostgresReadable>(column: Int) -> Value? {
        get throws(PostgresError) {
            try rows.withField(position, column) { bytes throws(PostgresError) in
                guard let value = Value(postgres: bytes) else {
                    throw PostgresError(.unexpectedResult, "column \(column) is no \(Value.self)")
                }
                return value
            }
        }
    }
}
