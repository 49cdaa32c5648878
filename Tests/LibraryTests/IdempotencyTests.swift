import Domain
import Library
import LibraryTesting
import Testing

/// Requests under one key are one.
@Suite struct IdempotencyTests {
    private func key(_ name: String = "k", _ fingerprint: String = "f") -> IdempotencyKey {
        IdempotencyKey(key: name, fingerprint: KeyRing.digest(of: fingerprint))
    }

    private func ids(_ results: [UploadResult]) -> [ImageID?] {
        results.map { if case .stored(let image) = $0 { image.id } else { nil } }
    }

    private func total(_ test: TestLibrary) async throws -> Int {
        try await test.library.images(ImageQuery(), account: test.account).total
    }

    @Test func aRepeatGetsTheFirstAnswerAndStoresNothing() async throws {
        let test = try await TestLibrary()
        let first = try await test.library.upload(
            [
                try await test.file(Pictures.red), try await test.file(Pictures.text, name: "t"),
                try await test.file(Pictures.blue),
            ],
            account: test.account, partial: true, idempotency: key())
        let again = try await test.library.upload(
            [try await test.file(Pictures.green)], account: test.account, partial: true, idempotency: key())
        #expect(ids(first) == ids(again) && ids(first).map { $0 == nil } == [false, true, false])
        guard case .refused(let refusal) = again[1], case .refused(let original) = first[1] else {
            Issue.record("\(again)")
            return
        }
        #expect(refusal == original && refusal.fileName == "t")
        #expect(try await total(test) == 2)
        #expect(test.stored.count == 2 && test.temporaries == 0)
    }

    @Test func anotherRequestUnderTheKeyIsAConflict() async throws {
        let test = try await TestLibrary()
        _ = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key())
        do {
            _ = try await test.library.upload(
                [try await test.file(Pictures.blue)], account: test.account, partial: false,
                idempotency: key("k", "other"))
            Issue.record("it was taken")
        } catch UploadError.idempotencyConflict {}
        #expect(try await total(test) == 1)
        #expect(test.stored.count == 1 && test.temporaries == 0)
    }

    @Test func keysAreAnAccountsOwnAndLastADay() async throws {
        let test = try await TestLibrary()
        let stranger = try await test.newAccount("other")
        let mine = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key())
        let theirs = try await test.library.upload(
            [try await test.file(Pictures.red)], account: stranger, partial: false, idempotency: key("k", "other"))
        #expect(ids(mine) != ids(theirs))
        test.clock.advance(by: 24 * 3600 - 1)
        let again = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key())
        #expect(ids(again) == ids(mine))
        test.clock.advance(by: 2)
        let later = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key("k", "other"))
        #expect(ids(later) != ids(mine))
    }

    @Test func aFailureIsNotRemembered() async throws {
        let test = try await TestLibrary()
        await #expect(throws: UploadError.self) {
            try await test.library.upload(
                [try await test.file(Pictures.text)], account: test.account, partial: false, idempotency: key())
        }
        let results = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key())
        #expect(ids(results)[0] != nil)
    }

    @Test func manyAtOnceStoreOneSet() async throws {
        let test = try await TestLibrary()
        let answers = try await withThrowingTaskGroup(of: [ImageID?].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let files = [try await test.file(Pictures.red), try await test.file(Pictures.blue)]
                    return ids(
                        try await test.library.upload(files, account: test.account, partial: false, idempotency: key()))
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(try await total(test) == 2)
        #expect(test.stored.count == 2 && test.temporaries == 0)
    }

    @Test func anImageDeletedSinceIsToldAsSuch() async throws {
        let test = try await TestLibrary()
        let first = try await test.library.upload(
            [try await test.file(Pictures.red), try await test.file(Pictures.blue)], account: test.account,
            partial: false,
            idempotency: key())
        try await test.library.delete([try #require(ids(first)[0])], account: test.account)
        let again = try await test.library.upload(
            [try await test.file(Pictures.red)], account: test.account, partial: false, idempotency: key())
        guard case .refused(let refusal) = again[0] else {
            Issue.record("\(again)")
            return
        }
        #expect(refusal.code == "image_deleted" && ids(again)[1] == ids(first)[1])
    }
}
