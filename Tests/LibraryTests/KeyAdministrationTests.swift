import CatalogSQLite
import Domain
import Foundation
import Library
import Synchronization
import Testing

/// A clock that stands until it is set.
private final class SetClock: TimeSource {
    private let time: Mutex<Double>
    init(_ time: Double) { self.time = Mutex(time) }
    var now: Double {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

@Suite struct KeyAdministrationTests {
    private let clock = SetClock(1_764_000_000)

    /// A catalog in a folder of its own, which goes when the test ends.
    private func withCatalog(_ body: (SQLiteCatalog) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/imago-keys-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(try SQLiteCatalog(path: folder + "/catalog.sqlite", maximumAttempts: 2))
    }

    private func withKeyRing(_ body: (KeyRing) async throws -> Void) async throws {
        try await withCatalog { catalog in
            try await body(KeyRing(catalog: catalog, identifiers: IdentifierGenerator(clock: clock), clock: clock))
        }
    }

    @Test func keysAreListedWithTheirAccountsOldestFirst() async throws {
        try await withKeyRing { ring in
            let first = try await ring.create(accountName: "a")
            let second = try await ring.create(accountName: "b", expiresAt: 1_764_000_100)
            let third = try await ring.create(accountName: "a")
            let all = try await ring.list()
            #expect(all.map(\.key) == [first.key, second.key, third.key])
            #expect(all.map(\.account.name) == ["a", "b", "a"])
            #expect(try await ring.list(accountName: "a").map(\.key.id) == [first.key.id, third.key.id])
            #expect(try await ring.list(accountName: "nobody").isEmpty)
        }
    }

    @Test(arguments: ["id", "prefix", "start", "text", "padded"])
    func aRevokedKeyOpensNothingAndOthersStillDo(by name: String) async throws {
        try await withKeyRing { ring in
            let (text, key, _) = try await ring.create(accountName: "a")
            let other = try await ring.create(accountName: "a")
            let names = [
                "id": key.id.description, "prefix": key.prefix, "start": String(key.prefix.dropLast(2)), "text": text,
                "padded": " \(key.prefix)\n",
            ]
            let name = try #require(names[name])
            #expect(try await ring.authenticate(text) != nil)
            clock.now += 5
            #expect(try await ring.revoke(idOrPrefix: name).key.id == key.id)
            #expect(try await ring.authenticate(text) == nil)
            #expect(try await ring.authenticate(other.text) != nil)
            let listed = try #require(try await ring.list().first { $0.key.id == key.id })
            #expect(listed.key.revokedAt == 1_764_000_005)
            await #expect(throws: KeyRevocationError.alreadyRevoked(listed)) {
                _ = try await ring.revoke(idOrPrefix: name)
            }
        }
    }

    @Test(arguments: [
        "", "imago_", "imago_ab", "a", "550e8400-e29b-41d4-a716-446655440000", "imago_????????", "%", "imago_%%%",
    ])
    func whatNamesNoKeyRevokesNone(name: String) async throws {
        try await withKeyRing { ring in
            let key = try await ring.create(accountName: "a")
            await #expect(throws: KeyRevocationError.noSuchKey) { _ = try await ring.revoke(idOrPrefix: name) }
            #expect(try await ring.authenticate(key.text) != nil)
        }
    }

    @Test func aPrefixOfSeveralKeysRevokesNoneOfThem() async throws {
        try await withCatalog { catalog in
            let identifiers = IdentifierGenerator(clock: clock)
            let account = try await catalog.account(named: "a", creating: identifiers.next(), at: 1)
            for number in 0..<2 {
                try await catalog.insert(
                    APIKey(
                        id: identifiers.next(), accountID: account.id,
                        digest: ContentHash(bytes: Array(repeating: UInt8(number), count: 32))!,
                        prefix: "imago_same0\(number)", createdAt: Double(number)))
            }
            let ring = KeyRing(catalog: catalog, identifiers: identifiers, clock: clock)
            await #expect(throws: KeyRevocationError.ambiguous(["imago_same00", "imago_same01"])) {
                _ = try await ring.revoke(idOrPrefix: "imago_same")
            }
            #expect(try await ring.list().allSatisfy { $0.key.revokedAt == nil })
            // Once one is revoked the rest of the prefix names the other.
            _ = try await ring.revoke(idOrPrefix: "imago_same00")
            #expect(try await ring.revoke(idOrPrefix: "imago_same").key.prefix == "imago_same01")
        }
    }
}
