/// A set of characters, as a class in a pattern describes it.
struct ScalarSet: Sendable, Hashable {
    enum Member: Sendable, Hashable {
        case range(ClosedRange<UInt32>)
        case property(ScalarProperty, negated: Bool)
        case set(ScalarSet)
    }

    private let members: [Member]
    private let isNegated: Bool
    /// The answers for ASCII, worked out once.
    private let ascii: (low: UInt64, high: UInt64)

    init(_ members: [Member], negated: Bool = false) {
        self.members = members
        isNegated = negated
        var bits: [UInt64] = [0, 0]
        for value in 0..<128 where Self.found(Unicode.Scalar(UInt8(value)), in: members) != negated {
            bits[value / 64] |= 1 << UInt64(value % 64)
        }
        ascii = (bits[0], bits[1])
    }

    init(_ scalar: Unicode.Scalar) { self.init([.range(scalar.value...scalar.value)]) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 64 { return ascii.low >> UInt64(scalar.value) & 1 == 1 }
        if scalar.value < 128 { return ascii.high >> UInt64(scalar.value - 64) & 1 == 1 }
        return Self.found(scalar, in: members) != isNegated
    }

    private static func found(_ scalar: Unicode.Scalar, in members: [Member]) -> Bool {
        members.contains { member in
            switch member {
            case .range(let range): range.contains(scalar.value)
            case .property(let property, let negated): property.holds(scalar) != negated
            case .set(let set): set.contains(scalar)
            }
        }
    }

    static func == (left: ScalarSet, right: ScalarSet) -> Bool {
        left.members == right.members && left.isNegated == right.isNegated
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(members)
        hasher.combine(isNegated)
    }
}
