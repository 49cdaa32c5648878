import Domain
import Foundation

/// Files beside the tests, found from this file's own path.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
    static let starter = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/starter").standardized.path

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
    }
    static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try bytes(name)) }
}
