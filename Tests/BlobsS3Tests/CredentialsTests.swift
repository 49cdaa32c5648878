import AsyncHTTPClient
@testable import BlobsS3
import Domain
import Foundation
import Synchronization
import Testing

@Suite struct CredentialsTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func environment(_ variables: [String: String]) -> Environment {
        Environment(variables: variables.merging(["HOME": folder.path]) { first, _ in first })
    }

    private func chain(_ variables: [String: String], profile: String? = nil) -> CredentialsChain {
        // Nothing in these tests may ask an address that is not its own.
        var variables = variables
        if variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] == nil { variables["AWS_EC2_METADATA_DISABLED"] = "true" }
        return CredentialsChain(
            environment: environment(variables), profile: profile, service: MetadataService(http: .shared))
    }

    @Test func theEnvironmentComesFirst() async throws {
        let files = try folder.write("credentials", "[default]\naws_access_key_id = F\naws_secret_access_key = f")
        let both = ["AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "e", "AWS_SHARED_CREDENTIALS_FILE": files]
        #expect(
            try await chain(both).credentials() == AWSCredentials(accessKeyID: "E", secretAccessKey: "e"))
        #expect(
            try await chain(both.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }).credentials()?.sessionToken == "t")
        #expect(try await chain(both, profile: "default").credentials()?.accessKeyID == "F")
        #expect(
            try await chain(both.merging(["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]) { $1 }).credentials()?
                .accessKeyID == "F")
        await #expect(throws: CredentialsError.self) { try await chain(["AWS_ACCESS_KEY_ID": "E"]).credentials() }
    }

    @Test func filesHaveProfiles() async throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/.aws", withIntermediateDirectories: true)
        _ = try folder.write(
            ".aws/credentials",
            """
            # a comment = no setting
            [default]
            aws_access_key_id=D
            aws_secret_access_key = d=/+ e
            s3 =
                max_concurrent_requests = 20

            [ work ]
            aws_access_key_id = W
            AWS_Secret_Access_Key = w
            aws_session_token = t
            """)
        _ = try folder.write(
            ".aws/config",
            """
            [default]
            region = eu-d
            [profile work]
            region = eu-w
            aws_access_key_id = other
            [profile roles]
            role_arn = arn:aws:iam::1:role/r
            [profile half]
            aws_access_key_id = H
            [profile empty]
            """)
        let standard = try await chain([:]).credentials()
        #expect(standard == AWSCredentials(accessKeyID: "D", secretAccessKey: "d=/+ e"))
        let work = AWSCredentials(accessKeyID: "W", secretAccessKey: "w", sessionToken: "t")
        #expect(try await chain([:], profile: "work").credentials() == work)
        #expect(try await chain(["AWS_PROFILE": "work"]).credentials() == work)
        #expect(try await SharedFiles(environment: environment([:]), profile: "work").region() == "eu-w")
        #expect(try await SharedFiles(environment: environment([:]), profile: nil).region() == "eu-d")
        for (profile, words) in [
            ("none", "no profile 'none'"), ("roles", "role_arn"), ("half", "both"), ("empty", "no aws_access_key_id"),
        ] {
            let error = try await #require(throws: CredentialsError.self) {
                try await chain([:], profile: profile).credentials()
            }
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test func filesThatAreNoneAreNamed() async throws {
        let file = try folder.write("large", String(repeating: "#\n", count: 600_000))
        await #expect(throws: CredentialsError.self) {
            try await chain(["AWS_SHARED_CREDENTIALS_FILE": file]).credentials()
        }
        try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: folder.path + "/binary"))
        await #expect(throws: CredentialsError.self) {
            try await chain(["AWS_CONFIG_FILE": folder.path + "/binary"]).credentials()
        }
    }

    @Test func nothingAnywhere() async throws {
        let error = try await #require(throws: CredentialsError.self) { try await chain([:]).credentials() }
        #expect(error.description.contains("AWS_ACCESS_KEY_ID"))
    }

    private static let answer = """
        {"AccessKeyId":"C","SecretAccessKey":"c","Token":"t","Expiration":"2025-11-24T17:00:00Z","Code":"Success"}
        """
    private static let expected = AWSCredentials(
        accessKeyID: "C", secretAccessKey: "c", sessionToken: "t", expiration: 1_764_003_600)

    @Test func aContainersEndpointIsAsked() async throws {
        let asked = Mutex<[String]>([])
        try await ScriptedServer.run({ request in
            asked.withLock { $0.append("\(request.path) \(request.headers.first(name: "authorization") ?? "-")") }
            return .answer(200, [], Array(Self.answer.utf8))
        }) { server async throws in
            let url = server.endpoint + "/v1/credentials"
            #expect(
                try await chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]).credentials() == Self.expected)
            _ = try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "one",
            ]).credentials()
            let file = try folder.write("token", "two\n")
            _ = try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "one",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file,
            ]).credentials()
        }
        #expect(
            asked.withLock { $0 } == ["/v1/credentials -", "/v1/credentials one", "/v1/credentials two"])
    }

    /// A token must not go over a network in plain sight.
    @Test func aContainersEndpointIsNear() throws {
        func url(_ text: String, _ name: String = "AWS_CONTAINER_CREDENTIALS_FULL_URI") throws -> String? {
            try ContainerCredentials(
                environment: Environment(variables: [name: text]), service: MetadataService(http: .shared)
            ).url()
        }
        for near in [
            "http://127.0.0.1:5/x", "http://127.9.9.9", "http://localhost/x", "http://[::1]:80/x",
            "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials",
            "https://anywhere.example/x",
        ] { #expect(try url(near) == near) }
        for far in [
            "http://example.com/x", "http://127.0.0.1.example.com/x", "http://127.0.0.1@example.com/x",
            "http://169.254.169.254/x", "http://127.0.0/x", "ftp://127.0.0.1/x", "http://[::2]/x", "127.0.0.1",
        ] { #expect(throws: CredentialsError.self, "\(far)") { try url(far) } }
        let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
        #expect(try url("/v2/credentials/x", relative) == "http://169.254.170.2/v2/credentials/x")
        #expect(throws: CredentialsError.self) { try url("@evil.example/", relative) }
    }

    @Test func anInstanceIsAskedWithAToken() async throws {
        let asked = Mutex<[String]>([])
        try await ScriptedServer.run({ request in
            let token = request.headers.first(name: "x-aws-ec2-metadata-token") ?? "-"
            asked.withLock { $0.append("\(request.method) \(request.path) \(token)") }
            if request.method == "PUT" {
                let isRight = request.headers.first(name: "x-aws-ec2-metadata-token-ttl-seconds") != nil
                return .answer(isRight ? 200 : 400, [], Array("TOKEN".utf8))
            }
            guard token == "TOKEN" else { return .answer(401) }
            return .answer(200, [], Array((request.path.hasSuffix("/my-role") ? Self.answer : "my-role\n").utf8))
        }) { server async throws in
            let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": server.endpoint + "/"]
            #expect(try await chain(variables).credentials() == Self.expected)
        }
        let path = "/latest/meta-data/iam/security-credentials/"
        #expect(
            asked.withLock { $0 } == ["PUT /latest/api/token -", "GET \(path) TOKEN", "GET \(path)my-role TOKEN"])
    }

    @Test(arguments: [
        "{}", "no json", #"{"AccessKeyId":"","SecretAccessKey":"c"}"#, #"{"AccessKeyId":"C"}"#,
        #"{"AccessKeyId":"C","SecretAccessKey":"c","Expiration":"soon"}"#,
    ])
    func anAnswerWithoutCredentials(_ text: String) throws {
        let error = try #require(throws: CredentialsError.self) {
            try MetadataService.credentials(in: text, from: "the service")
        }
        #expect(error.description.hasPrefix("the service gave"))
    }

    @Test(arguments: [
        ScriptedServer.Reply.answer(500, [], Array("secret".utf8)), .silence, .halfClose,
        .answer(200, [], Array(repeating: 32, count: 100_000)),
    ])
    func aServiceThatFails(_ reply: ScriptedServer.Reply) async throws {
        try await ScriptedServer.run({ _ in reply }) { server async throws in
            let service = MetadataService(http: .shared, timeout: 0.3)
            let error = try await #require(throws: CredentialsError.self) {
                try await service.text(.GET, server.endpoint, headers: [], from: "the service")
            }
            #expect(error.description.hasPrefix("the service "))
            #expect(!error.description.contains("secret"))
        }
    }
}

/// Gives one set of credentials after another, and counts.
private final class Dispenser: CredentialsSource {
    private let asked = Atomic(0)
    private let fails = Atomic(false)
    private let expires: @Sendable (Int) -> Timestamp?

    init(expires: @escaping @Sendable (Int) -> Timestamp?) { self.expires = expires }

    var count: Int { asked.load(ordering: .relaxed) }
    func setFailing(_ value: Bool) { fails.store(value, ordering: .relaxed) }

    func credentials() async throws -> AWSCredentials? {
        let number = asked.add(1, ordering: .relaxed).newValue
        await Task.yield()
        if fails.load(ordering: .relaxed) { throw CredentialsError("not now") }
        return AWSCredentials(accessKeyID: "K\(number)", secretAccessKey: "s", expiration: expires(number))
    }
}

@Suite struct CredentialsCacheTests {
    let clock = TestClock(0)

    @Test func credentialsAreReplacedBeforeTheyEnd() async throws {
        let source = Dispenser { Double($0) * 1000 }
        let cache = CredentialsCache(source: source, clock: clock)
        #expect(try await cache.current().accessKeyID == "K1")
        clock.advance(699)
        #expect(try await cache.current().accessKeyID == "K1")
        clock.advance(1)
        #expect(try await cache.current().accessKeyID == "K2")
        #expect(source.count == 2)
    }

    @Test func manyWhoAskCauseOneQuestion() async throws {
        let source = Dispenser { _ in nil }
        let cache = CredentialsCache(source: source, clock: clock)
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask { () async throws in #expect(try await cache.current().accessKeyID == "K1") }
            }
            try await group.waitForAll()
        }
        #expect(source.count == 1)
    }

    @Test func whileOldOnesWorkAFailureIsNoHarm() async throws {
        let source = Dispenser { _ in 1000 }
        let cache = CredentialsCache(source: source, clock: clock)
        _ = try await cache.current()
        source.setFailing(true)
        clock.advance(800)
        #expect(try await cache.current().accessKeyID == "K1")
        #expect(try await cache.current().accessKeyID == "K1")
        #expect(source.count == 2)
        clock.advance(10)
        #expect(try await cache.current().accessKeyID == "K1")
        #expect(source.count == 3)
        clock.advance(190)
        await #expect(throws: CredentialsError.self) { try await cache.current() }
        source.setFailing(false)
        #expect(try await cache.current().accessKeyID == "K5")
    }

    @Test func credentialsWithoutAnEndAreLookedUpNowAndThen() async throws {
        let source = Dispenser { _ in nil }
        let cache = CredentialsCache(source: source, clock: clock)
        _ = try await cache.current()
        clock.advance(299)
        #expect(try await cache.current().accessKeyID == "K1")
        clock.advance(1)
        #expect(try await cache.current().accessKeyID == "K2")
    }

    @Test func aRefusalCausesAQuestionButNoFlood() async throws {
        let source = Dispenser { _ in nil }
        let cache = CredentialsCache(source: source, clock: clock)
        let first = try await cache.current()
        #expect(try await cache.replacement(for: first) == nil)
        clock.advance(10)
        let second = try await cache.replacement(for: first)
        #expect(second?.accessKeyID == "K2")
        // Someone who still used the first gets the second without another question.
        #expect(try await cache.replacement(for: first) == second)
        #expect(source.count == 2)
    }
}

@Suite struct RefusedCredentialsTests {
    private static func key(of request: ScriptedServer.Request) -> String? {
        request.headers.first(name: "authorization")?.split(separator: "=")[1].split(separator: "/").first.map(
            String.init)
    }

    /// Temporary credentials that end early are replaced in the middle of a request, whatever its method.
    @Test(arguments: ["ExpiredToken", "InvalidAccessKeyId", "InvalidToken"])
    func expiredCredentialsAreReplaced(_ code: String) async throws {
        let current = Atomic(1)
        try await ScriptedServer.run({ _ in
            let number = current.load(ordering: .relaxed)
            return .answer(
                200, [],
                Array(
                    #"{"AccessKeyId":"K\#(number)","SecretAccessKey":"s","Token":"t\#(number)"}"#.utf8))
        }) { endpoint async throws in
            try await StoreUnderTest.run(
                configure: {
                    $0.credentials = nil
                    $0.environment = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.endpoint]
                },
                intervene: { request, _ in
                    let number = current.load(ordering: .relaxed)
                    guard Self.key(of: request) == "K\(number)",
                        request.headers.first(name: "x-amz-security-token") == "t\(number)"
                    else { return FakeBucket.error(request.method == "HEAD" ? 403 : 400, code) }
                    return nil
                }
            ) { test async throws in
                let hash = try await test.store.store([1])
                current.store(2, ordering: .relaxed)
                test.clock.advance(60)
                #expect(try await test.store.size(of: hash) == 1)
                current.store(3, ordering: .relaxed)
                test.clock.advance(60)
                #expect(try await test.store.bytes(hash) == [1])
                #expect(test.waits.seconds.isEmpty)
                #expect(await test.bucket.log.count == 5)
            }
        }
    }

    @Test func noCredentialsAreAStoreThatIsNotThere() async throws {
        try await StoreUnderTest.run(configure: {
            $0.credentials = nil
            $0.environment = ["AWS_EC2_METADATA_DISABLED": "true"]
        }) { test async throws in
            let error = try await #require(throws: BlobError.self) { try await test.store.check() }
            #expect("\(error)".contains("no credentials"), "\(error)")
            #expect(await test.bucket.log.isEmpty)
        }
    }

    /// A machine whose clock is off goes by the store's.
    @Test func aWrongClockIsSetRight() async throws {
        try await StoreUnderTest.run(intervene: { request, _ in
            // Twenty minutes ahead of the test's clock.
            guard request.headers.first(name: "x-amz-date") == "20251124T162000Z" else {
                return FakeBucket.error(
                    403, "RequestTimeTooSkewed", [("date", "Mon, 24 Nov 2025 16:20:00 GMT")])
            }
            return nil
        }) { test async throws in
            try await test.store.store([1])
            try await test.store.store([2])
            #expect(await test.bucket.log.count == 3)
        }
    }
}
