/// Rows in columns that fit a terminal: the widest flexible column is cut where the line would not end in time.
struct Table {
    struct Column {
        let title: String
        var alignment = Alignment.left
        /// May be cut to fit.
        var isFlexible = false

        init(_ title: String, _ alignment: Alignment = .left, isFlexible: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.isFlexible = isFlexible
        }
    }
    enum Alignment { case left, right }

    private static let gap = "  "
    /// A flexible column gives no more than it can be read without.
    private static let leastFlexible = 8

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [String]) { rows.append(cells.map(printable)) }

    /// The title line and one line a row, without blanks at the ends.
    func lines(for terminal: Terminal) -> [String] {
        let widths = widths(within: terminal.width)
        let title = line(columns.map { $0.title.uppercased() }, widths)
        return [terminal.styled(title, .faint)] + rows.map { line($0, widths) }
    }

    private func widths(within total: Int) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.displayWidth) { max($0, $1[column].displayWidth) }
        }
        let gaps = Self.gap.count * (columns.count - 1)
        // The last column's blanks are never printed, so it is measured like the others.
        while total < .max, widths.reduce(gaps, +) > total {
            let flexible = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.leastFlexible }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = zip(zip(cells, columns), widths).map { cell, width in
            let text = cell.0.cut(to: width)
            return cell.1.alignment == .left ? text.padding(to: width) : text.padding(to: width, onLeft: true)
        }.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension String {
    /// Cells a terminal takes for it: two for East Asian wide characters and emoji (UAX #11), none for combining marks.
    var displayWidth: Int {
        reduce(0) { width, character in
            guard let scalar = character.unicodeScalars.first else { return width }
            if scalar.properties.generalCategory == .nonspacingMark { return width }
            return width + (Self.isWide(scalar) ? 2 : 1)
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }

    func repeated(_ count: Int) -> String { String(repeating: self, count: max(0, count)) }

    func padding(to width: Int, onLeft: Bool = false) -> String {
        let blanks = " ".repeated(width - displayWidth)
        return onLeft ? blanks + self : self + blanks
    }

    /// At most that wide, with an ellipsis where something is cut off.
    func cut(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var result = ""
        var left = width - 1
        for character in self {
            left -= String(character).displayWidth
            guard left >= 0 else { break }
            result.append(character)
        }
        return result + "…"
    }
}
