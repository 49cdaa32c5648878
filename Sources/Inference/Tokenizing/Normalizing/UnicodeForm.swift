import Foundation

/// A Unicode normalization form (Unicode Standard Annex 15).
///
/// The reference carries Unicode 9's tables, so newer characters stay as they are and part the text: nothing is
/// reordered or joined across them.
enum UnicodeForm: String, Sendable, CaseIterable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"

    func apply(_ text: Scalars) -> Scalars {
        let plain: UInt32 =
            switch self {
            case .nfc: 0x300
            case .nfd: 0xC0
            case .nfkc, .nfkd: 0xA0
            }
        guard text.contains(where: { $0.value >= plain }) else { return text }
        var result: Scalars = []
        result.reserveCapacity(text.count)
        var run: Scalars = []
        for scalar in text {
            // Foundation takes variation selectors of plane 14 for letters that marks compose with; none of that plane does.
            if scalar.value < 0xE0000, BERTCharacters.isDecomposable(scalar) {
                run.append(scalar)
            } else {
                result += normalized(run)
                result.append(scalar)
                run.removeAll(keepingCapacity: true)
            }
        }
        result += normalized(run)
        return result
    }

    /// Foundation's forms, but for two faults of theirs (a third is in `apply`): it does not put in order what three Tibetan vowel signs
    /// decompose to, and does not compose Hangul that compatibility decomposition brought together.
    private func normalized(_ run: Scalars) -> Scalars {
        guard !run.isEmpty else { return [] }
        let text = Self.withoutTibetanCompounds(run).text
        return switch self {
        case .nfc: Scalars(text.precomposedStringWithCanonicalMapping)
        case .nfd: Scalars(text.decomposedStringWithCanonicalMapping)
        case .nfkc: Scalars(text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping)
        case .nfkd: Scalars(text.decomposedStringWithCompatibilityMapping)
        }
    }

    /// The signs' canonical decompositions, so that what they are made of is put in order with its neighbours.
    private static func withoutTibetanCompounds(_ run: Scalars) -> Scalars {
        guard run.contains(where: { $0.value == 0xF73 || $0.value == 0xF75 || $0.value == 0xF81 }) else { return run }
        return run.flatMap { scalar -> Scalars in
            switch scalar.value {
            case 0xF73: ["\u{F71}", "\u{F72}"]
            case 0xF75: ["\u{F71}", "\u{F74}"]
            case 0xF81: ["\u{F71}", "\u{F80}"]
            default: [scalar]
            }
        }
    }
}
