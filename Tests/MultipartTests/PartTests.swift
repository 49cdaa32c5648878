import Testing

@testable import Multipart

/// The headers of a part: RFC 7578 section 4, and what clients make of it.
@Suite struct PartTests {
    private func parsed(_ disposition: String) throws -> ParsedPart {
        try #require(try parse(part(disposition) + "--b--").first)
    }

    @Test(arguments: [
        (#"name="images""#, "images"), ("name=images", "images"), ("NAME=images", "images"), (#"name = "a b""#, "a b"),
        (#"name="images[]""#, "images[]"), (#"name="a;b=c""#, "a;b=c"), (#"name="a\"b""#, #"a"b"#),
        (#"name="a\\b""#, #"a\b"#), (#"name="a\b""#, #"a\b"#), ("name=\"a%22b%0D%0A%41\"", "a\"b\r\n%41"),
        (#"name="é😀""#, "é😀"), (#"name="""#, ""), (#"name="first"; name="second""#, "first"),
        (#"; ;name="x";"#, "x"),
    ])
    func names(disposition: String, name: String) throws {
        #expect(try parsed(disposition).name == name)
        #expect(try parsed(disposition).fileName == nil)
    }

    @Test(arguments: [
        (#"filename="a.jpg""#, "a.jpg"), ("filename=a.jpg", "a.jpg"), (#"filename="""#, ""),
        (#"filename="C:\photos\a.jpg""#, #"C:\photos\a.jpg"#), (#"filename="../../etc/passwd""#, "../../etc/passwd"),
        (#"filename="a%22b.jpg""#, #"a"b.jpg"#), (#"filename="100%.jpg""#, "100%.jpg"),
        (#"filename="日本.png""#, "日本.png"), ("filename*=UTF-8''%E6%97%A5%20b.png", "日 b.png"),
        ("filename*=utf-8'en'a%20b.jpg", "a b.jpg"), ("filename*=ISO-8859-1''caf%E9.jpg", "café.jpg"),
        (#"filename="old.jpg"; filename*=UTF-8''new%2Ejpg"#, "new.jpg"),
        (#"filename*=UTF-8''new.jpg; filename="old.jpg""#, "new.jpg"),
        // What can't be decoded does not hide the plain name.
        (#"filename="old.jpg"; filename*=UTF-8''%FF"#, "old.jpg"),
        (#"filename="old.jpg"; filename*=UTF-8''%4"#, "old.jpg"),
        (#"filename="old.jpg"; filename*=KOI8-R''%C1"#, "old.jpg"), (#"filename="old.jpg"; filename*=new"#, "old.jpg"),
        (#"filename="old.jpg"; filename*=UTF-8''%é1"#, "old.jpg"),
    ])
    func fileNames(parameter: String, fileName: String) throws {
        let part = try parsed("name=\"images\"; " + parameter)
        #expect(part.name == "images" && part.fileName == fileName)
    }

    @Test func aPartNeedsNeitherNameNorDisposition() throws {
        #expect(try parsed(#"filename="a.jpg""#).name == nil)
        let parts = try parse("--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--")
        #expect(parts[0].name == nil && parts[0].fileName == nil && parts[0].text == "x")
    }

    @Test func bytesThatAreNoTextBecomeReplacementCharacters() throws {
        let body =
            Array("--b\r\nContent-Disposition: form-data; name=\"a".utf8) + [0xFF, 0xC3]
            + Array("\"\r\n\r\n\r\n--b--".utf8)
        #expect(try parse([body])[0].name == "a\u{FFFD}\u{FFFD}")
    }

    @Test func headersAreFoundWhateverTheirCaseAndFolding() throws {
        let parts = try parse(
            """
            --b\r
            CONTENT-DISPOSITION:form-data;\r
             name="a";\r
            \tfilename="b.jpg"\r
            X-Empty:\r
            content-type:  image/png \r
            Content-Type: text/plain\r
            \r
            x\r
            --b--
            """)
        #expect(parts[0].name == "a" && parts[0].fileName == "b.jpg")
        #expect(parts[0].part[header: "content-type"] == "image/png" && parts[0].part[header: "x-empty"] == "")
        #expect(
            parts[0].part.headers.map(\.name) == ["content-disposition", "x-empty", "content-type", "content-type"])
    }

    @Test(arguments: [
        "no colon", ": no name", "A B: c", "A : c", " folded: from nothing", "A: b\u{0}c", "A: b\rc", "A: b\nc",
        "A: \u{1B}[31m",
        "é: c", "Content-Disposition: form-data; name", "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; =a", "Content-Disposition: form-data; name=\"a\"b",
        "Content-Disposition: form-data; name=a\r\nno colon",
    ])
    func malformedHeadersAreRefused(line: String) {
        #expect(failure(part("name=first") + "--b\r\n\(line)\r\n\r\nx\r\n--b--") == .malformedHeaders(part: 1))
    }
}
