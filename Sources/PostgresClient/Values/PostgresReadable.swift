/// What a field can be read as.
public protocol PostgresReadable {
    /// Reads the server's binary form; nil when it is of another type.
    init?(postgres bytes: UnsafeRawBufferPointer)
}

extension Bool: PostgresReadable {
    public init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 1 else { return nil }
        self = bytes[0] != 0
    }
}

extension Int64: PostgresReadable {
    /// Reads `smallint` and `integer` too.
    public init?(postgres bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 2: self = Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case 4: self = Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 8: self = Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        default: return nil
        }
    }
}

extension Int: PostgresReadable {
    public init?(postgres bytes: UnsafeRawBufferPointer) {
        guard let value = Int64(postgres: bytes) else { return nil }
        self.init(exactly: value)
    }
}

extension Double: PostgresReadable {
    public init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 8 else { return nil }
        self.init(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
    }
}

extension String: PostgresReadable {
    public init?(postgres bytes: UnsafeRawBufferPointer) { self.init(validating: bytes, as: UTF8.self) }
}

extension [UInt8]: PostgresReadable {
    public init?(postgres bytes: UnsafeRawBufferPointer) { self = Array(bytes) }
}

/// A one-dimensional array of integers without NULLs.
public struct PostgresIntegers: PostgresReadable {
    public let values: [Int64]

    public init?(postgres bytes: UnsafeRawBufferPointer) {
        func number(_ offset: Int) -> Int? {
            guard offset + 4 <= bytes.count else { return nil }
            return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
        var values: [Int64] = []
        guard let dimensions = number(0), dimensions < 2 else { return nil }
        if dimensions == 1 {
            guard let count = number(12), count >= 0, count <= bytes.count / 4 else { return nil }
            values.reserveCapacity(count)
            var offset = 20
            for _ in 0..<count {
                guard let length = number(offset), length > 0, offset + 4 + length <= bytes.count,
                    let value = Int64(postgres: .init(rebasing: bytes[offset + 4..<offset + 4 + length]))
                else { return nil }
                values.append(value)
                offset += 4 + length
            }
        }
        self.values = values
    }
}
