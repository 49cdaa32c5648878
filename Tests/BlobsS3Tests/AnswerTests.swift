@testable import BlobsS3
import Domain
import Testing

@Suite struct AnswerTests {
    private func root(_ text: String) throws -> XMLElement { try XMLReader.root(of: Array(text.utf8)) }

    @Test func elementsTextAndReferencesAreRead() throws {
        let root = try root(
            "\n <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s3:A xmlns:s3=\"http://x/&quot;\" b='>'>one"
                + "<B>&lt;&amp;&#x1F5BC;&#65;&apos;&quot;&gt;</B><B/><C><![CDATA[<not & a tag>]]></C> two</s3:A>\n")
        #expect(root.name == "A")
        #expect(root.text == "one two")
        #expect(root.all("B").map(\.text) == ["<&🖼A'\">", ""])
        #expect(root["C"] == "<not & a tag>")
        #expect(root["D"] == nil)
    }

    @Test(arguments: [
        "", " ", "text", "<a", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "<a b></a>", "<a b=c/>",
        "<a b='<'/>", "<a b='/>", "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a>&#0;</a>", "<a>&#;</a>", "<a>&#+5;</a>",
        "<a>&#99999999999;</a>", "<a>&amp</a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><![CDATA[x</a>",
        "<a><?php ?></a>", "<?xml <a/>",
    ]) func whatIsNotQuiteXMLIsRefused(_ text: String) {
        #expect(throws: XMLError.self) { try root(text) }
    }

    @Test func whatIsNoUTF8IsRefused() {
        #expect(throws: XMLError.self) { try XMLReader.root(of: Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }

    @Test func depthAndNumberAreBounded() throws {
        let deepest = XMLReader.deepest
        let nested = { (depth: Int) in
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(try root(nested(deepest)).name == "a")
        #expect(throws: XMLError.self) { try root(nested(deepest + 1)) }
        #expect(throws: XMLError.self) { try root(nested(100_000)) }
        let many = "<a>" + String(repeating: "<b/>", count: XMLReader.mostElements) + "</a>"
        #expect(throws: XMLError.self) { try root(many) }
    }

    /// Any cut or changed byte gives an element or an error, never a crash.
    @Test func mangledAnswersAreSurvived() throws {
        let whole = Array(
            "<?xml version=\"1.0\"?><R a=\"b\"><K>x&amp;y</K><C><![CDATA[z]]></C><D>&#65;</D></R>".utf8)
        for length in 0..<whole.count { _ = try? XMLReader.root(of: Array(whole[..<length])) }
        let seed = UInt64.random(in: .min ... .max)
        var state = seed
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<2 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
            }
            if let root = try? XMLReader.root(of: bytes) { #expect(!root.name.isEmpty, "seed \(seed)") }
        }
    }

    @Test func aListOfObjects() throws {
        let page = try ObjectPage(
            Array(
                """
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>
                <EncodingType>url</EncodingType><Contents><Key>a%2Fb+c%2Bd</Key><Size>1</Size></Contents>
                <Contents><Key>%C3%BC</Key></Contents><NextContinuationToken>1/2=</NextContinuationToken></ListBucketResult>
                """.utf8))
        #expect(page.keys == ["a/b c+d", "ü"])
        #expect(page.next == "1/2=")
        let plain = try ObjectPage(
            Array("<ListBucketResult><Contents><Key>a%2F+</Key></Contents></ListBucketResult>".utf8))
        #expect(plain.keys == ["a%2F+"])
        #expect(plain.next == nil)
    }

    @Test(arguments: [
        "<html/>", "<ListBucketResult><Contents/></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%</Key></Contents></ListBucketResult>",
    ]) func aListThatIsNone(_ text: String) {
        #expect(throws: S3Failure.self) { try ObjectPage(Array(text.utf8)) }
    }

    @Test func aListOfUploads() throws {
        let page = try UploadPage(
            Array(
                """
                <ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker></NextKeyMarker>
                <NextUploadIdMarker>u1</NextUploadIdMarker><Upload><Key>k</Key><UploadId>u1</UploadId>
                <Initiated>2026-11-25T11:58:44.000Z</Initiated></Upload></ListMultipartUploadsResult>
                """.utf8))
        #expect(page.uploads == [.init(key: "k", id: "u1", startedAt: 1_795_607_924)])
        #expect(page.next == [Field("upload-id-marker", "u1")])
        #expect(throws: S3Failure.self) {
            try UploadPage(
                Array("<ListMultipartUploadsResult><Upload><Key>k</Key></Upload></ListMultipartUploadsResult>".utf8))
        }
    }

    @Test func errorsAreFitForTheLog() throws {
        let answer = try #require(
            ErrorAnswer(
                Array("<Error><Code>A</Code><Message>one&#10;two\u{1B}[31m \u{202E}three</Message></Error>".utf8)))
        #expect(answer.message == "one two [31m  three")
        #expect(ErrorAnswer(Array("<html>503</html>".utf8)) == nil)
        let long = String(repeating: "x", count: 5000)
        #expect(ErrorAnswer(Array("<Error><Code>\(long)</Code></Error>".utf8))?.code.count == 300)
    }

    @Test func dates() {
        #expect(HTTPDate.timestamp("Wed, 25 Nov 2026 11:58:44 GMT") == 1_795_607_924)
        #expect(HTTPDate.timestamp("Wed, 25 Nox 2026 11:58:44 GMT") == nil)
        #expect(HTTPDate.timestamp("2026-11-25T11:58:44Z") == nil)
    }

    @Test func base64() {
        #expect(ContentHash(sha256Of: []).base64 == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    }
}
