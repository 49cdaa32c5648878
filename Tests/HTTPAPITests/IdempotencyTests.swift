import Domain
import LibraryTesting
import Testing

/// The `Idempotency-Key` header.
@Suite struct IdempotencyTests {
    private func upload(_ api: TestAPI, _ form: Form, key: String, query: String = "") async throws -> TestAPI.Answer {
        try await api.upload(form, query: query, headers: [("Idempotency-Key", key)])
    }

    @Test func aRepeatIsAnsweredAndStoresNothing() async throws {
        let api = try await TestAPI()
        let first = try await upload(api, .files(Pictures.red, Pictures.blue), key: "a")
        var again = Form(boundary: "another-boundary")
        again.file(Pictures.red, name: "file0.bin")
        again.file(Pictures.blue, name: "file1.bin")
        let second = try await upload(api, again, key: "a")
        #expect(first.status == 200 && second.status == 200 && first.ids == second.ids)
        #expect(try await api.total() == 2)
        let other = try await upload(api, .files(Pictures.red, Pictures.blue), key: "b")
        #expect(other.ids != first.ids)
        #expect(try await api.total() == 4)
    }

    @Test func theSameKeyForAnotherRequestIsAConflict() async throws {
        let api = try await TestAPI()
        _ = try await upload(api, .files(Pictures.red), key: "a")
        var renamed = Form()
        renamed.file(Pictures.red, name: "other.png")
        var described = Form.files(Pictures.red)
        described.field("metadata", #"{"metadata":{"n":1}}"#)
        for (form, query) in [
            (Form.files(Pictures.blue), ""), (.files(Pictures.red, Pictures.red), ""), (renamed, ""), (described, ""),
            (.files(Pictures.red), "?partial=true"),
        ] as [(Form, String)] {
            let answer = try await upload(api, form, key: "a", query: query)
            #expect(answer.status == 409 && answer.error["type"] == "conflict_error", "\(answer.text)")
        }
        #expect(try await api.total() == 1)
        #expect(api.library.temporaries == 0)
    }

    @Test func partialAnswersAreRepeatedToo() async throws {
        let api = try await TestAPI()
        let form = Form.files(Pictures.red, Pictures.text)
        let first = try await upload(api, form, key: "a", query: "?partial=true")
        let second = try await upload(api, form, key: "a", query: "?partial=true")
        #expect(first.results[1]["error"]?["code"] == "unsupported_image")
        #expect(first.json == second.json)
    }

    @Test func itLastsADay() async throws {
        let api = try await TestAPI()
        let first = try await upload(api, .files(Pictures.red), key: "a")
        api.clock.advance(by: 86_399)
        #expect(try await upload(api, .files(Pictures.red), key: "a").ids == first.ids)
        api.clock.advance(by: 2)
        #expect(try await upload(api, .files(Pictures.red), key: "a").ids != first.ids)
    }

    @Test(arguments: [" ", "a b", "é", String(repeating: "x", count: 256)])
    func keysAreShortAndVisible(key: String) async throws {
        let api = try await TestAPI()
        let answer = try await upload(api, .files(Pictures.red), key: key)
        #expect(answer.status == 400 && answer.error["param"] == "Idempotency-Key")
        #expect(try await api.total() == 0)
        #expect(try await upload(api, .files(Pictures.red), key: String(repeating: "x", count: 255)).status == 200)
    }
}
