import Testing

@testable import Multipart

/// The `boundary` of a request's content type.
@Suite struct BoundaryTests {
    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;Boundary=abc", "abc"),
        ("multipart/form-data ; charset=utf-8 ; boundary=abc ; x=y", "abc"),
        (#"multipart/form-data; boundary="abc""#, "abc"), (#"multipart/form-data; boundary="a b:c;d""#, "a b:c;d"),
        (#"multipart/form-data; boundary="a\"b""#, "a\"b"),
        ("multipart/form-data; boundary='()+_,-./:=?", "'()+_,-./:=?"),
        ("multipart/form-data; boundary=a; boundary=b", "a"),
        ("multipart/form-data; boundary=\(String(repeating: "x", count: 70))", String(repeating: "x", count: 70)),
    ])
    func isReadFromTheContentType(type: String, boundary: String) throws {
        #expect(try MultipartParser.boundary(contentType: type) == boundary)
    }

    @Test func quotedBoundariesAreFoundInTheBody() throws {
        let boundary = try #require(
            try MultipartParser.boundary(contentType: #"multipart/form-data; boundary="a b;c""#))
        #expect(try parse("--a b;c\r\n\r\nx\r\n--a b;c--", boundary: boundary).map(\.text) == ["x"])
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        #"multipart/form-data; boundary="""#, #"multipart/form-data; boundary="a"#,
        #"multipart/form-data; boundary="a ""#,
        "multipart/form-data; boundary=é", "multipart/form-data; boundary=\"a\rb\"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))", "multipart/form-data; charset=utf-8",
    ])
    func mustBeThereAndBeOne(type: String) {
        #expect(throws: MultipartError.invalidBoundary) { try MultipartParser.boundary(contentType: type) }
    }

    @Test(arguments: [
        "", "application/json", "multipart/mixed; boundary=a", "multipart/form-data-x; boundary=a",
        "text/plain; x=multipart/form-data",
    ])
    func otherTypesHaveNone(type: String) throws {
        #expect(try MultipartParser.boundary(contentType: type) == nil)
    }

    @Test(arguments: ["", "a ", "a\r\nb", "é", String(repeating: "x", count: 71)])
    func aParserTakesNoOther(boundary: String) {
        #expect(throws: MultipartError.invalidBoundary) { _ = try MultipartParser(boundary: boundary) }
    }
}
