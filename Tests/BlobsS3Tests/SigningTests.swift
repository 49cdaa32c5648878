@testable import BlobsS3
import Domain
import Foundation
import Testing

/// The examples of "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API reference, and one of the
/// AWS Signature Version 4 test suite.
@Suite struct SigningTests {
    static let credentials = AWSCredentials(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    let signer = RequestSigner(credentials: credentials, region: "us-east-1")
    let time: Timestamp = 1_369_353_600
    let host = Field("host", "examplebucket.s3.amazonaws.com")
    let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private func authorization(
        _ method: String = "GET", _ path: String, query: [Field] = [], headers: [Field] = [], payloadHash: String? = nil
    ) -> String? {
        signer.signedHeaders(
            method: method, path: path, query: query, headers: [host] + headers,
            payloadHash: payloadHash ?? emptyHash, at: time
        ).first { $0.name == "authorization" }?.value
    }

    private let scope = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "

    @Test func getObject() {
        #expect(
            authorization("GET", "/test.txt", headers: [Field("Range", "bytes=0-9")]) == scope
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test func putObject() {
        #expect(
            authorization(
                "PUT", "/test$file.text",
                headers: [
                    Field("Date", "Fri, 24 May 2013 00:00:00 GMT"), Field("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ], payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072") == scope
                + "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, "
                + "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func getBucketLifecycle() {
        #expect(
            authorization("GET", "/", query: [Field("lifecycle", "")]) == scope
                + "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                + "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }

    @Test func listObjects() {
        #expect(
            authorization("GET", "/", query: [Field("max-keys", "2"), Field("prefix", "J")]) == scope
                + "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                + "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func signedURL() {
        let query = signer.signedQuery(
            method: "GET", host: host.value, path: "/test.txt", query: [], lifetime: 86400, at: time)
        #expect(
            query
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    /// `get-vanilla` of the test suite, which knows no hash of the payload among the headers.
    @Test func vanilla() {
        let signer = RequestSigner(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: "service")
        let canonical = CanonicalRequest(
            method: "GET", path: "/", query: [],
            headers: [Field("Host", "example.amazonaws.com"), Field("X-Amz-Date", "20150830T123600Z")],
            payloadHash: emptyHash)
        #expect(canonical.hash == "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63")
        #expect(
            signer.signature(of: canonical, at: SigningTime(1_440_938_160))
                == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
    }

    @Test func theFormThatIsHashed() {
        let canonical = CanonicalRequest(
            method: "GET", path: "/test.txt", query: [],
            headers: [
                Field("Host", "examplebucket.s3.amazonaws.com"), Field("x-amz-date", "20130524T000000Z"),
                Field("Range", "bytes=0-9"), Field("x-amz-content-sha256", emptyHash),
            ], payloadHash: emptyHash)
        #expect(
            canonical.text == """
                GET
                /test.txt

                host:examplebucket.s3.amazonaws.com
                range:bytes=0-9
                x-amz-content-sha256:\(emptyHash)
                x-amz-date:20130524T000000Z

                host;range;x-amz-content-sha256;x-amz-date
                \(emptyHash)
                """)
        #expect(canonical.hash == "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972")
    }

    @Test func times() {
        #expect(SigningTime(0).text == "19700101T000000Z")
        #expect(SigningTime(951_868_799.9).text == "20000229T235959Z")
        #expect(SigningTime(951_868_800).text == "20000301T000000Z")
        #expect(SigningTime(4_107_542_399).text == "21000228T235959Z")
        #expect(SigningTime(4_107_542_400).text == "21000301T000000Z")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let time = Double(Int64.random(in: 0..<10_000_000_000, using: &random))
            let text = SigningTime(time).text
            let spread = Array(text)
            let spelt =
                "\(String(spread[0..<4]))-\(String(spread[4..<6]))-\(String(spread[6..<8]))T"
                + "\(String(spread[9..<11])):\(String(spread[11..<13])):\(String(spread[13..<15]))Z"
            #expect(RFC3339.timestamp(spelt) == time, "\(text)")
        }
    }

    @Test func secretsAreNotPrinted() {
        let credentials = AWSCredentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hush", sessionToken: "quiet", expiration: 1)
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKIDEXAMPLE"))
            #expect(!text.contains("hush") && !text.contains("quiet"), "\(text)")
        }
    }
}

/// What botocore signs, as `Fixtures/make-signatures.py` writes it down.
@Suite struct SignaturesOfBotocoreTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name, method, host, region, path: String
        let query, headers: [[String]]
        let token: String?
        let time: Double
        let payload_hash: String
        let authorization: String?
        let lifetime: Int?
        let signature: String?
        var testDescription: String { name }
    }

    static let cases: [Case] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/signatures.json")
        return try! JSONDecoder().decode([Case].self, from: try! Data(contentsOf: file))
    }()

    @Test(arguments: cases) func signsAlike(_ example: Case) {
        let signer = RequestSigner(
            credentials: AWSCredentials(
                accessKeyID: SigningTests.credentials.accessKeyID,
                secretAccessKey: SigningTests.credentials.secretAccessKey, sessionToken: example.token),
            region: example.region)
        let query = example.query.map { Field($0[0], $0[1]) }
        if let lifetime = example.lifetime {
            let signed = signer.signedQuery(
                method: example.method, host: example.host, path: example.path, query: query, lifetime: lifetime,
                at: example.time)
            #expect(signed.hasSuffix("&X-Amz-Signature=\(example.signature!)"))
        } else {
            let headers = [Field("host", example.host)] + example.headers.map { Field($0[0], $0[1]) }
            let signed = signer.signedHeaders(
                method: example.method, path: example.path, query: query, headers: headers,
                payloadHash: example.payload_hash, at: example.time)
            #expect(signed.last == Field("authorization", example.authorization!))
        }
    }
}
