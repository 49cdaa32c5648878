import Domain

/// Captions of pictures: lines of a file's name, a tab and a caption. A picture may have several lines.
public struct CaptionFile: Sendable, Hashable {
    /// In the order of the file.
    public let pairs: [(file: String, caption: String)]
    private static let mostPairs = 200_000

    /// - Throws: `unusable` naming the line at fault.
    public init(_ text: String) throws(ModelStoreError) {
        var pairs: [(String, String)] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.isEmpty else { continue }
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ModelStoreError(
                    .unusable, "line \(number + 1) of the captions is not a file, a tab and a caption")
            }
            pairs.append((String(parts[0]), String(parts[1])))
        }
        guard pairs.count <= Self.mostPairs else {
            throw ModelStoreError(.unusable, "there are more than \(Self.mostPairs) captions")
        }
        self.pairs = pairs
    }

    /// Each picture once, in the order of the file.
    public var files: [String] {
        var seen: Set<String> = []
        return pairs.map(\.file).filter { seen.insert($0).inserted }
    }

    public static func == (left: CaptionFile, right: CaptionFile) -> Bool {
        left.pairs.elementsEqual(right.pairs, by: ==)
    }

    public func hash(into hasher: inout Hasher) {
        for pair in pairs { hasher.combine(pair.file) }
    }
}
