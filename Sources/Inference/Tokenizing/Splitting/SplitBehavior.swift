/// What becomes of the matches at which a text is cut.
enum SplitBehavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    typealias Piece = PreTokenizer.Piece

    /// Cuts at single characters.
    func cut(_ piece: Piece, where isMatch: (Unicode.Scalar) -> Bool) -> [Piece] {
        cut(
            piece, matches: piece.scalars.indices.filter { isMatch(piece.scalars[$0]) }.map { $0..<$0 + 1 },
            inverted: false)
    }

    /// - Parameters:
    ///   - matches: from left to right, without overlaps.
    ///   - inverted: cut at what lies between them instead.
    func cut(_ piece: Piece, matches: [Range<Int>], inverted: Bool) -> [Piece] {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        var position = piece.scalars.startIndex
        for match in matches {
            if position < match.lowerBound { parts.append((position..<match.lowerBound, inverted)) }
            parts.append((match, !inverted))
            position = match.upperBound
        }
        if position < piece.scalars.endIndex { parts.append((position..<piece.scalars.endIndex, inverted)) }
        return arranged(parts).map { range in
            Piece(
                scalars: piece.scalars[range],
                isFirst: piece.isFirst && range.lowerBound == piece.scalars.startIndex)
        }
    }

    private func arranged(_ parts: [(range: Range<Int>, isMatch: Bool)]) -> [Range<Int>] {
        switch self {
        case .removed: return parts.filter { !$0.isMatch }.map(\.range)
        case .isolated: return parts.map(\.range)
        case .contiguous: return joined(parts) { $0 == $1 }
        case .mergedWithPrevious: return joined(parts) { !$0 && $1 }
        case .mergedWithNext:
            // The same from right to left.
            let mirrored = parts.reversed().map { ((-$0.range.upperBound)..<(-$0.range.lowerBound), $0.isMatch) }
            return joined(mirrored) { !$0 && $1 }.reversed().map { (-$0.upperBound)..<(-$0.lowerBound) }
        }
    }

    /// Joins a part to the one before where the condition on both (was a match, is a match) holds.
    private func joined(
        _ parts: [(range: Range<Int>, isMatch: Bool)], _ condition: (Bool, Bool) -> Bool
    ) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var previous = false
        for part in parts {
            if condition(previous, part.isMatch), let last = ranges.last {
                ranges[ranges.count - 1] = last.lowerBound..<part.range.upperBound
            } else {
                ranges.append(part.range)
            }
            previous = part.isMatch
        }
        return ranges
    }
}
