/// A value to bind, in the server's binary form and with its type, so that a statement's text never holds it.
public struct PostgresParameter: Sendable {
    /// The type's object identifier; 0 lets the server infer it.
    let type: UInt32
    /// Nil for NULL.
    let bytes: [UInt8]?
    /// Whether the bytes are the type's text form.
    let isText: Bool

    private init(_ type: PostgresType, _ bytes: [UInt8]?, isText: Bool = false) {
        self.type = type.rawValue
        self.bytes = bytes
        self.isText = isText
    }

    public static func bool(_ value: Bool?) -> Self { Self(.bool, value.map { [$0 ? 1 : 0] }) }
    public static func int16(_ value: Int16?) -> Self { Self(.int2, value?.postgresBytes) }
    public static func int32(_ value: Int32?) -> Self { Self(.int4, value?.postgresBytes) }
    public static func int64(_ value: Int64?) -> Self { Self(.int8, value?.postgresBytes) }
    public static func double(_ value: Double?) -> Self { Self(.float8, value?.bitPattern.postgresBytes) }
    public static func bytes(_ value: [UInt8]?) -> Self { Self(.bytea, value) }
    /// The text must hold no NUL: PostgreSQL has no such character.
    public static func text(_ value: String?) -> Self { Self(.text, value.map { Array($0.utf8) }) }
    /// - Parameter value: 16 bytes.
    public static func uuid(_ value: [UInt8]?) -> Self { Self(.uuid, value) }
    public static func jsonb(_ value: String?) -> Self { Self(.jsonb, value.map(jsonbBytes)) }
    /// - Parameter value: a decimal number's text.
    public static func numeric(_ value: String?) -> Self { Self(.numeric, value.map { Array($0.utf8) }, isText: true) }
    /// A value of a type that the statement's text names, in that type's binary form.
    public static func inferred(_ value: [UInt8]?) -> Self { Self(.inferred, value) }

    public static func int16s(_ values: [Int16]) -> Self { array(.int2, values.map(\.postgresBytes)) }
    public static func int32s(_ values: [Int32]) -> Self { array(.int4, values.map(\.postgresBytes)) }
    public static func int64s(_ values: [Int64]) -> Self { array(.int8, values.map(\.postgresBytes)) }
    public static func doubles(_ values: [Double?]) -> Self { array(.float8, values.map { $0?.bitPattern.postgresBytes }) }
    public static func texts(_ values: [String?]) -> Self { array(.text, values.map { $0.map { Array($0.utf8) } }) }
    public static func byteStrings(_ values: [[UInt8]?]) -> Self { array(.bytea, values) }
    public static func uuids(_ values: [[UInt8]?]) -> Self { array(.uuid, values) }
    public static func jsonbs(_ values: [String?]) -> Self { array(.jsonb, values.map { $0.map(jsonbBytes) }) }

    /// The binary form begins with its version, 1.
    private static func jsonbBytes(_ text: String) -> [UInt8] { [1] + Array(text.utf8) }

    /// A one-dimensional array: dimensions, whether any is NULL, the elements' type, length and first index, and then
    /// each element's length (-1 for NULL) and bytes.
    private static func array(_ element: PostgresType, _ values: [[UInt8]?]) -> Self {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + values.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        let hasNull: Int32 = values.contains { $0 == nil } ? 1 : 0
        bytes += Int32(values.isEmpty ? 0 : 1).postgresBytes + hasNull.postgresBytes + element.rawValue.postgresBytes
        if !values.isEmpty { bytes += Int32(values.count).postgresBytes + Int32(1).postgresBytes }
        for value in values {
            bytes += Int32(value?.count ?? -1).postgresBytes
            if let value { bytes += value }
        }
        return Self(element.array, bytes)
    }
}

/// Object identifiers of the built-in types (`pg_type.dat`); they never change.
enum PostgresType: UInt32 {
    case inferred = 0
    case bool = 16
    case bytea = 17
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case float8 = 701
    case numeric = 1700
    case uuid = 2950
    case jsonb = 3802
    case byteaArray = 1001
    case int2Array = 1005
    case int4Array = 1007
    case textArray = 1009
    case int8Array = 1016
    case float8Array = 1022
    case uuidArray = 2951
    case jsonbArray = 3807

    var array: PostgresType {
        switch self {
        case .bytea: .byteaArray
        case .int2: .int2Array
        case .int4: .int4Array
        case .text: .textArray
        case .int8: .int8Array
        case .float8: .float8Array
        case .uuid: .uuidArray
        case .jsonb: .jsonbArray
        default: preconditionFailure("no arrays of \(self) are bound")
        }
    }
}

extension FixedWidthInteger {
    /// Most significant byte first, as the server has them.
    var postgresBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
