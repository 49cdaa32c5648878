import Foundation
import Testing

/// A collection of odd and hostile files that is too large for the repository. Tests that need it are passed over where
/// it is not there.
enum SharedFiles {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../../shared/data/formats").standardized.path

    static var exist: Bool { FileManager.default.fileExists(atPath: folder + "/manifest.tsv") }
    static let absent: Comment = "needs ../shared/data/formats, which is not there"

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    /// Name and whether a viewer should show it, as the collection's list says.
    static func listed(under prefix: String) throws -> [(name: String, verdict: String)] {
        try String(contentsOfFile: folder + "/manifest.tsv", encoding: .utf8).split(separator: "\n").dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
            .filter { $0[0].hasPrefix(prefix) }.map { ($0[0], $0[2]) }
    }
}
