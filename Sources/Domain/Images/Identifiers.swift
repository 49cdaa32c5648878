/// A lower-case UUID, stored as its two halves so that ordering and hashing are cheap.
public struct UUIDValue: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 8-4-4-4-12 form, in either case; anything else is nil.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(position) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            if digits < 16 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
            digits += 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - 8 * ($0 % 8))) }
    }

    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let all = Array(bytes)
        self.init(
            high: all[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: all[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (position, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(position) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func < (left: UUIDValue, right: UUIDValue) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// A kind of identifier: a UUID whose type says what it names, so that ids of two kinds can't be mixed up.
public struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let uuid: UUIDValue

    public init(_ uuid: UUIDValue) { self.uuid = uuid }

    /// Reads a UUID's text; nil when it is none.
    public init?(_ text: some StringProtocol) {
        guard let uuid = UUIDValue(text) else { return nil }
        self.uuid = uuid
    }

    public var description: String { uuid.description }
    public static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }
}

public typealias ImageID = Identifier<Image>
public typealias AccountID = Identifier<Account>
public typealias APIKeyID = Identifier<APIKey>

/// The catalog's own dense number of an image: 1, 2, 3, ... in the order of insertion, never given twice.
///
/// Vector index and filters use it, because a set of rows is a bitmap.
public typealias ImageRow = Int64
