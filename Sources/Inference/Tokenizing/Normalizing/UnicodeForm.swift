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
            if BERTCharacters.isDecomposable(scalar) {
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

    private func normalized(_ run: Scalars) -> Scalars {
        guard !run.isEmpty else { return [] }
        let text = run.text
        return switch self {
        case .nfc: Scalars(text.precomposedStringWithCanonicalMapping)
        case .nfd: Scalars(text.decomposedStringWithCanonicalMapping)
        case .nfkc: Scalars(text.precomposedStringWithCompatibilityMapping)
        case .nfkd: Scalars(text.decomposedStringWithCompatibilityMapping)
        }
    }
}
