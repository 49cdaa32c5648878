import BlobsFile
import CatalogSQLite
import Domain
import Foundation

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/imago-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The engines the contract is checked on.
enum CatalogEngine: String, CaseIterable, Sendable {
    case sqlite

    func open(in folder: TemporaryFolder) throws -> any Catalog {
        switch self {
        case .sqlite: try SQLiteCatalog(path: folder.path + "/catalog.sqlite", maximumAttempts: 2)
        }
    }
}

struct TestClock: TimeSource { var now: Double = 1_764_000_000 }

let identifiers = IdentifierGenerator(clock: TestClock())
let model = ModelID(rawValue: "test-1")

func testHash(_ byte: UInt8) -> ContentHash { ContentHash(bytes: Array(repeating: byte, count: 32))! }

extension NewImage {
    static func sample(
        _ account: AccountID, hash: ContentHash = testHash(1), metadata: JSONObject = [:], index: Bool = true,
        at time: Timestamp = 1_764_000_000, size: Int64 = 10, name: String? = "a.jpg",
        priority: JobPriority = .interactive
    ) -> NewImage {
        NewImage(
            id: identifiers.next(), accountID: account, contentHash: hash,
            properties: ImageProperties(format: .jpeg, width: 4, height: 3, frames: 1, sizeBytes: size),
            fileName: name, metadata: metadata, index: index, priority: priority, uploadedAt: time)
    }
}

extension Catalog {
    func newAccount(_ name: String = "a") async throws -> AccountID {
        try await account(named: name, creating: identifiers.next(), at: 1).id
    }
}
