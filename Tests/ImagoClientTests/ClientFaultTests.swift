import Domain
import Foundation
import ImagoClient
import Testing

@Suite struct ClientFaultTests {
    @Test func aBusyServerIsAskedAgainWhenItSaidSo() async throws {
        try await FakeServer.run { server in
            await server.store.fail(
                "GET /v1/images", with: [.answer(status: 503, retryAfter: 3), .answer(status: 429, retryAfter: 2)])
            let slept = Sleeps()
            let page = try await server.client(slept: slept) { try await $0.images() }
            #expect(page.images.isEmpty)
            let seconds = await slept.seconds
            #expect(seconds.count == 2)
            #expect(seconds[0] >= 3 && seconds[0] < 4)
            #expect(seconds[1] >= 2 && seconds[1] < 3)
        }
    }

    @Test func patienceEnds() async throws {
        try await FakeServer.run { server in
            await server.store.fail(
                "GET /v1/images", with: Array(repeating: .answer(status: 503, retryAfter: 4), count: 20))
            do {
                _ = try await server.client { try await $0.images() }
                Issue.record("answered")
            } catch let error as ClientError {
                #expect(error.kind == .unavailable)
                #expect(error.retryAfter == 4)
                #expect(error.requestID == "req-1")
                #expect(error.message == "injected")
            }
            // Ten seconds hold two waits of four, so three requests.
            #expect(await server.store.count("GET /v1/images") == 3)
        }
    }

    @Test func aCutConnectionIsTriedAgainAndThenTold() async throws {
        try await FakeServer.run { server in
            await server.store.fail("GET /v1/images", with: [.cut, .cut])
            _ = try await server.client { try await $0.images() }
            await server.store.fail("GET /v1/images", with: [.cut, .cut, .cut])
            do {
                _ = try await server.client { try await $0.images() }
                Issue.record("answered")
            } catch let error as ClientError { #expect(error.kind == .connectionLost) }
        }
    }

    @Test(arguments: [nil, "imago_wrong"])
    func aKeyThatIsNotValidIsNotTriedAgain(key: String?) async throws {
        try await FakeServer.run { server in
            do {
                _ = try await server.client(key: key) { try await $0.images() }
                Issue.record("answered")
            } catch let error as ClientError {
                #expect(error.kind == .notPermitted)
                #expect(error.code == "invalid_api_key")
                #expect(error.status == 401)
            }
            #expect(await server.store.count("GET /v1/images") == 1)
        }
    }

    @Test func nobodyListeningIsToldAtOnce() async throws {
        let address = try await FakeServer.run { $0.address }
        let slept = Sleeps()
        let configuration = ClientConfiguration(address: address, sleep: { await slept.note($0) })
        do {
            _ = try await ImagoClient.with(configuration) { try await $0.images() }
            Issue.record("answered")
        } catch let error as ClientError {
            #expect(error.kind == .unreachable)
            #expect(error.message.contains(address.text))
        }
        #expect(await slept.seconds.isEmpty)
    }

    @Test func aHostThatHasNoAddressIsUnreachable() async throws {
        let configuration = ClientConfiguration(address: try ServerAddress("http://imago.invalid:1"))
        do {
            _ = try await ImagoClient.with(configuration) { try await $0.images() }
            Issue.record("answered")
        } catch let error as ClientError { #expect(error.kind == .unreachable) }
    }

    @Test func anAnswerThatIsNoImagoServersIsCalledSo() async throws {
        try await FakeServer.run { server in
            let wrong = try ServerAddress(server.address.text + "/v1/images/upload/..")
            let configuration = ClientConfiguration(address: wrong, apiKey: FakeServer.key)
            do {
                _ = try await ImagoClient.with(configuration) { try await $0.images() }
                Issue.record("answered")
            } catch let error as ClientError { #expect(error.kind == .notFound) }
        }
    }

    @Test func anUploadWhoseAnswerWasLostIsStoredOnce() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.jpg", picture("a"))
        try await FakeServer.run { server in
            await server.store.fail("POST /v1/images/upload", with: [.cutAfterwards])
            let outcomes = try await server.client { client in
                try await client.upload([try await UploadFile(path: path, fileName: "a.jpg")])
            }
            let images = await server.store.images
            #expect(images.count == 1)
            guard case .stored(let image)? = outcomes.first else {
                Issue.record("not stored")
                return
            }
            #expect(image.id == images[0].id)
            #expect(Set(await server.store.idempotencyKeys).count == 1)
        }
    }

    @Test func aDeleteWhoseAnswerWasLostIsADelete() async throws {
        try await FakeServer.run { server in
            let id = await server.store.add(picture("a"))
            await server.store.fail("DELETE ", with: [.cutAfterwards])
            try await server.client { try await $0.delete(id) }
            do {
                try await server.client { try await $0.delete(id) }
                Issue.record("deleted twice")
            } catch let error as ClientError { #expect(error.kind == .notFound) }
        }
    }

    @Test(arguments: [401, 413])
    func aRefusalInTheMiddleOfALongUploadIsHeard(status: Int) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("large.jpg", picture("a", size: 32 << 20))
        try await FakeServer.run { server in
            await server.store.fail("POST ", with: [.early(status: status)])
            do {
                _ = try await server.client(retry: .none) { client in
                    try await client.upload([try await UploadFile(path: path, fileName: "large.jpg")])
                }
                Issue.record("stored")
            } catch let error as ClientError { #expect(error.status == status) }
        }
    }
}
