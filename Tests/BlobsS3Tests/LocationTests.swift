@testable import BlobsS3
import Testing

@Suite struct LocationTests {
    @Test func aBucketIsEnough() throws {
        let location = try S3Location("s3://my-bucket")
        #expect(location.bucket == "my-bucket")
        #expect(location.prefix == "")
        #expect(location.endpoint == nil)
        #expect(location.style == .virtual)
        let address = S3Address(location, endpoint: .amazon(region: "eu-central-1"))
        #expect(address.host == "my-bucket.s3.eu-central-1.amazonaws.com")
        #expect(address.path(nil) == "/")
        #expect(address.url(path: address.path("a b"), query: "") == "https://\(address.host)/a%20b")
        #expect(S3Endpoint.amazon(region: "cn-north-1").host == "s3.cn-north-1.amazonaws.com.cn")
    }

    @Test func everythingElseIsRead() throws {
        let location = try S3Location(
            "s3://b.c_D/pictures/of%20mine/?endpoint=http://127.0.0.1:9000&region=eu-x&style=path&profile=a%2Fb"
                + "&public=https%3A%2F%2Fimages.example%3A443")
        #expect(location.prefix == "pictures/of mine/")
        #expect(location.endpoint == S3Endpoint(isSecure: false, host: "127.0.0.1", port: 9000))
        #expect(location.publicEndpoint?.description == "https://images.example")
        #expect(location.region == "eu-x")
        #expect(location.profile == "a/b")
        let address = S3Address(location, endpoint: location.endpoint!)
        #expect(address.host == "127.0.0.1:9000")
        #expect(address.path("k") == "/b.c_D/k")
        #expect(try S3Location(location.description) == location)
    }

    @Test func stylesHaveDefaults() throws {
        #expect(try S3Location("s3://my.bucket").style == .path)
        #expect(try S3Location("s3://bucket?endpoint=http://[::1]:9").style == .path)
        let location = try S3Location("s3://bucket?endpoint=http://s3.test:8333&style=virtual")
        let address = S3Address(location, endpoint: location.endpoint!)
        #expect(address.host == "bucket.s3.test:8333")
        #expect(address.url(path: address.path("k"), query: "a=b") == "http://bucket.s3.test:8333/k?a=b")
    }

    @Test(arguments: [
        ("http://bucket", "s3://"), ("s3://", "bucket"), ("s3://ab", "bucket"), ("s3://a..b", "bucket"),
        ("s3://-abc", "bucket"), ("s3://key:secret@bucket", "credentials"), ("s3://bucket/a//b", "empty part"),
        ("s3://bucket/../b", "'..'"), ("s3://bucket/%zz", "percent-encoded"), ("s3://bucket/a%0Ab", "control"),
        ("s3://bucket#x", "fragment"), ("s3://bucket?zone=1", "'zone'"), ("s3://bucket?region=", "'region'"),
        ("s3://bucket?region=a&region=b", "twice"), ("s3://bucket?region=a%20b", "region"),
        ("s3://bucket?style=dns", "path or virtual"), ("s3://My.Bucket?style=virtual", "style=path"),
        ("s3://bucket?endpoint=127.0.0.1:9000", "endpoint"), ("s3://bucket?endpoint=http://h/path", "endpoint"),
        ("s3://bucket?endpoint=http://h:0", "endpoint"), ("s3://bucket?endpoint=http://u@h", "endpoint"),
        ("s3://bucket?endpoint=ftp://h", "endpoint"), ("s3://bucket?public=h", "'public'"),
    ]) func mistakesAreNamed(_ text: String, _ words: String) throws {
        let error = try #require(throws: S3LocationError.self) { try S3Location(text) }
        #expect(error.description.contains(words), "\(error)")
        #expect(!error.description.contains("secret@"))
    }
}
