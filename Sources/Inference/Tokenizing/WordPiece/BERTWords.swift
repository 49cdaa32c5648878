import Foundation

/// Cuts a text into the words that BERT's vocabularies are made of: control characters dropped, ideographs and
/// punctuation alone, accents and capitals removed where the model wants it (Devlin et al. 2018, `BasicTokenizer`).
struct BERTWords {
    let lowercase: Bool
    let stripAccents: Bool

    /// Hands out the words one after the other until there are no more or `take` returns false.
    func forEach(in text: Substring.UnicodeScalarView, _ take: ([Unicode.Scalar]) -> Bool) {
        var word: [Unicode.Scalar] = []
        for scalar in text where !BERTCharacters.isRemoved(scalar) {
            if BERTCharacters.isSpace(scalar) {
                guard split(word, take) else { return }
                word.removeAll(keepingCapacity: true)
            } else if BERTCharacters.isIdeograph(scalar) {
                guard split(word, take), split([scalar], take) else { return }
                word.removeAll(keepingCapacity: true)
            } else {
                word.append(scalar)
            }
        }
        _ = split(word, take)
    }

    /// Normalizes what stands between spaces and cuts it at punctuation. False when `take` wants no more.
    private func split(_ word: [Unicode.Scalar], _ take: ([Unicode.Scalar]) -> Bool) -> Bool {
        var part: [Unicode.Scalar] = []
        for scalar in normalized(word) {
            if BERTCharacters.isPunctuation(scalar) {
                guard part.isEmpty || take(part), take([scalar]) else { return false }
                part.removeAll(keepingCapacity: true)
            } else if BERTCharacters.isSpace(scalar) {
                guard part.isEmpty || take(part) else { return false }
                part.removeAll(keepingCapacity: true)
            } else {
                part.append(scalar)
            }
        }
        return part.isEmpty || take(part)
    }

    private func normalized(_ word: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var scalars = word
        if stripAccents, scalars.contains(where: { $0.value >= 0xC0 }) {
            scalars = Self.decomposed(scalars).filter { !BERTCharacters.isAccent($0) }
        }
        if lowercase { scalars = scalars.flatMap(Self.lowercased) }
        return scalars
    }

    private static func lowercased(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0x41...0x5A: [Unicode.Scalar(scalar.value + 0x20)!]
        case 0..<0x80: [scalar]
        default: Array(scalar.properties.lowercaseMapping.unicodeScalars)
        }
    }

    /// Canonical decomposition (NFD, Unicode Standard Annex 15). Characters newer than the reference's tables part the
    /// text: nothing is reordered across them.
    private static func decomposed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var run = String.UnicodeScalarView()
        func flush() {
            result += String(run).decomposedStringWithCanonicalMapping.unicodeScalars
            run = String.UnicodeScalarView()
        }
        for scalar in scalars {
            if BERTCharacters.isInert(scalar) {
                flush()
                result.append(scalar)
            } else {
                run.append(scalar)
            }
        }
        flush()
        return result
    }
}
