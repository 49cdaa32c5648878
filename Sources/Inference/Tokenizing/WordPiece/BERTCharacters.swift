/// The classes of characters that BERT's tokenizers tell apart.
///
/// The reference implementation carries tables of Unicode 8.0 for categories and 9.0 for decompositions. Swift's tables
/// are newer, so a character counts only if it is as old as those; the few whose category changed since are listed.
enum BERTCharacters {
    private static let categories: Unicode.Version = (8, 0)
    private static let decompositions: Unicode.Version = (9, 0)

    /// Left out of the text: NUL, U+FFFD, controls, formats and private use.
    static func isRemoved(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0, 0xFFFD: true
        case 0x09, 0x0A, 0x0D: false
        case 0x20..<0x7F: false
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse: isKnown(scalar, categories)
            default: false
            }
        }
    }

    /// Between words.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    /// Ideographs stand alone, as words of one character.
    static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// Stands alone: all of ASCII's symbols, and what Unicode calls punctuation.
    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        case 0...0x7F: false
        // Punctuation in Unicode 8.0, not any more.
        case 0x166D, 0x111C9: true
        default:
            switch scalar.properties.generalCategory {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation:
                isKnown(scalar, categories)
            default: false
            }
        }
    }

    /// What accents are once letters are decomposed: non-spacing marks.
    static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300: false
        // Non-spacing marks in Unicode 8.0, not any more.
        case 0x1734, 0x1171E: true
        // Non-spacing marks today, not in Unicode 8.0.
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: false
        default: scalar.properties.generalCategory == .nonspacingMark && isKnown(scalar, categories)
        }
    }

    /// Whether canonical decomposition leaves the character and its place as they are.
    static func isInert(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0xC0 || !isKnown(scalar, decompositions)
    }

    /// Whether the reference's tables of decompositions know the character.
    static func isDecomposable(_ scalar: Unicode.Scalar) -> Bool { isKnown(scalar, decompositions) }

    /// What the normalizer named `StripAccents` removes: marks of every kind.
    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300: false
        // Marks in Unicode 9.0, not any more; and the other way round.
        case 0x1CF2, 0x1CF3: true
        case 0x111C9: false
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: isKnown(scalar, decompositions)
            default: false
            }
        }
    }

    private static func isKnown(_ scalar: Unicode.Scalar, _ version: Unicode.Version) -> Bool {
        scalar.properties.age.map { $0 <= version } ?? false
    }
}
