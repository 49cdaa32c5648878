/// What a pattern can ask of a character: a general category (Unicode Standard Annex 44) or one of the classes of
/// Unicode Technical Standard 18.
enum ScalarProperty: Hashable, Sendable {
    /// Any of these categories, as bits by their place in `order`.
    case categories(UInt32)
    case space
    case word
    /// `\w` as another library of the reference has it, where patterns of its own are concerned: joiners count, and
    /// there are no exceptions.
    case strictWord

    private static let order: [(Unicode.GeneralCategory, String)] = [
        (.uppercaseLetter, "Lu"), (.lowercaseLetter, "Ll"), (.titlecaseLetter, "Lt"), (.modifierLetter, "Lm"),
        (.otherLetter, "Lo"), (.nonspacingMark, "Mn"), (.spacingMark, "Mc"), (.enclosingMark, "Me"),
        (.decimalNumber, "Nd"), (.letterNumber, "Nl"), (.otherNumber, "No"), (.connectorPunctuation, "Pc"),
        (.dashPunctuation, "Pd"), (.openPunctuation, "Ps"), (.closePunctuation, "Pe"), (.initialPunctuation, "Pi"),
        (.finalPunctuation, "Pf"), (.otherPunctuation, "Po"), (.mathSymbol, "Sm"), (.currencySymbol, "Sc"),
        (.modifierSymbol, "Sk"), (.otherSymbol, "So"), (.spaceSeparator, "Zs"), (.lineSeparator, "Zl"),
        (.paragraphSeparator, "Zp"), (.control, "Cc"), (.format, "Cf"), (.privateUse, "Co"),
    ]
    private static let bits: [Unicode.GeneralCategory: UInt32] = Dictionary(
        uniqueKeysWithValues: order.enumerated().map { ($1.0, 1 << UInt32($0)) })

    /// `L`, `Lu`, `N`, ...; nil for a name that is not known. Unassigned characters (`C`, `Cn`) depend on the age of
    /// the tables and are left out.
    init?(category name: String) {
        guard name != "C", !name.isEmpty else { return nil }
        var mask: UInt32 = 0
        for (category, spelling) in Self.order where spelling == name || (name.count == 1 && spelling.hasPrefix(name)) {
            mask |= Self.bits[category]!
        }
        guard mask != 0 else { return nil }
        self = .categories(mask)
    }

    static let digit = ScalarProperty(category: "Nd")!
    static let number = ScalarProperty(category: "N")!

    /// The reference's expression library knows Unicode 16; Swift's tables are newer.
    private static let age: Unicode.Version = (16, 0)

    func holds(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch self {
        case .space: return properties.isWhitespace
        case .categories(let mask):
            var category = properties.generalCategory
            // A small letter until Unicode 17.
            if scalar.value == 0x295 { category = .lowercaseLetter }
            return mask & (Self.bits[category] ?? 0) != 0 && isKnown(scalar)
        case .word:
            // Superscripts and fractions of Latin-1 count too, as the reference has it.
            return isWordLike(scalar) || [0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE].contains(scalar.value)
        case .strictWord: return isWordLike(scalar) || scalar.value == 0x200C || scalar.value == 0x200D
        }
    }

    private func isWordLike(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        let isWord =
            properties.isAlphabetic || Self.wordCategories & (Self.bits[properties.generalCategory] ?? 0) != 0
        return isWord && isKnown(scalar)
    }

    private static let wordCategories: UInt32 = ["Mn", "Mc", "Me", "Nd", "Pc"].reduce(0) { mask, name in
        mask | bits[order.first { $0.1 == name }!.0]!
    }

    private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII || scalar.properties.age.map { $0 <= Self.age } ?? false
    }
}
