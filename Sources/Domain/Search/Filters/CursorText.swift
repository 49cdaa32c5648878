extension ImageQuery.Cursor {
    /// The cursor as clients carry it: opaque to them, safe in a URL. Sort and order as digits, the key's bits (or `-`)
    /// and the id's in hexadecimal.
    public var text: String {
        let digits = "\(Self.sorts.firstIndex(of: sort) ?? 0)\(order == .ascending ? 0 : 1)"
        return digits + (key.map { Self.hex($0.bitPattern) } ?? "-") + Self.hex(id.uuid.high) + Self.hex(id.uuid.low)
    }

    /// Reads what `text` wrote; nil for anything else.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 35 || bytes.count == 50, let sort = Self.digit(bytes[0]),
            Self.sorts.indices.contains(sort),
            let order = Self.digit(bytes[1]), order < 2
        else { return nil }
        var key: Double?
        var rest = bytes[2...]
        if bytes.count == 35 {
            guard rest.removeFirst() == UInt8(ascii: "-") else { return nil }
        } else {
            guard let bits = Self.number(rest.prefix(16)) else { return nil }
            let value = Double(bitPattern: bits)
            guard value.isFinite else { return nil }
            key = value
            rest = rest.dropFirst(16)
        }
        guard let high = Self.number(rest.prefix(16)), let low = Self.number(rest.dropFirst(16)) else { return nil }
        self.init(
            sort: Self.sorts[sort], order: order == 0 ? .ascending : .descending, key: key,
            id: ImageID(UUIDValue(high: high, low: low)))
    }

    /// In the order of their digits, which cursors in use rely on.
    private static let sorts: [ImageQuery.Sort] = [.uploadTimestamp, .recordedTimestamp, .sizeBytes]

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func digit(_ byte: UInt8) -> Int? {
        Character(Unicode.Scalar(byte)).hexDigitValue
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count == 16, digits.allSatisfy({ $0 < 0x80 && digit($0) != nil }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
