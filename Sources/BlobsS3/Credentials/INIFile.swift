/// The sections of an AWS credentials or configuration file.
///
/// Lines are `[section]`, `name = value`, or comments that begin with `#` or `;`. Indented lines belong to a nested
/// setting and are passed over. The last of two equal names counts, and equal sections are one.
struct INIFile: Sendable, Hashable {
    private var sections: [String: [String: String]] = [:]

    init(_ text: String) {
        var section: String?
        for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[" {
                section = line.firstIndex(of: "]").map { Self.trimmed(line[line.index(after: line.startIndex)..<$0]) }
                if let section { sections[section, default: [:]].merge([:]) { $1 } }
            } else if let section, let equals = line.firstIndex(of: "=") {
                let name = Self.trimmed(line[..<equals]).lowercased()
                sections[section, default: [:]][name] = Self.trimmed(line[line.index(after: equals)...])
            }
        }
    }

    /// The settings of a section; nil when there is none of that name.
    subscript(section: String) -> [String: String]? { sections[section] }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
