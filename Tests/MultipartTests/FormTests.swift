import Testing

@testable import Multipart

/// Whole forms: RFC 2046 section 5.1 and RFC 7578.
@Suite struct FormTests {
    /// The example of RFC 2046 section 5.1.1, with its preamble and epilogue.
    private static let example = """
        This is the preamble.  It is to be ignored, though it\r
        is a handy place for composition agents to include an\r
        explanatory note to non-MIME conformant readers.\r
        \r
        --simple boundary\r
        \r
        This is implicitly typed plain US-ASCII text.\r
        It does NOT end with a linebreak.\r
        --simple boundary\r
        Content-type: text/plain; charset=us-ascii\r
        \r
        This is explicitly typed plain US-ASCII text.\r
        It DOES end with a linebreak.\r
        \r
        --simple boundary--\r
        \r
        This is the epilogue.  It is also to be ignored.\r

        """

    @Test func theExampleOfTheStandard() throws {
        let parts = try parse(Self.example, boundary: "simple boundary")
        #expect(
            parts.map(\.text) == [
                "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
                "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
            ])
        #expect(parts[0].part.headers.isEmpty)
        #expect(parts[1].part[header: "content-type"] == "text/plain; charset=us-ascii")
    }

    /// As browsers and `curl -F` send it.
    @Test func aFormWithAFieldAndAFile() throws {
        let parts = try parse(
            """
            ------WebKitFormBoundaryABC\r
            Content-Disposition: form-data; name="metadata"\r
            \r
            {"a":1}\r
            ------WebKitFormBoundaryABC\r
            Content-Disposition: form-data; name="images"; filename="a.jpg"\r
            Content-Type: image/jpeg\r
            \r
            \u{1}\u{2}\r\r\n-\r
            ------WebKitFormBoundaryABC--\r

            """, boundary: "----WebKitFormBoundaryABC")
        #expect(parts.map(\.name) == ["metadata", "images"] && parts.map(\.fileName) == [nil, "a.jpg"])
        #expect(parts.map(\.text) == [#"{"a":1}"#, "\u{1}\u{2}\r\r\n-"])
        #expect(parts[1].part[header: "content-type"] == "image/jpeg")
    }

    @Test func itMakesNoDifferenceWhereTheBytesAreCut() throws {
        let body = Array(Self.example.utf8)
        let boundary = "simple boundary"
        let whole = try parse([body], boundary: boundary)
        for cut in 0...body.count {
            #expect(try parse([body[..<cut], body[cut...]], boundary: boundary) == whole, "cut at \(cut)")
        }
        #expect(try parse(body.map { [$0] }, boundary: boundary) == whole)
    }

    @Test func aFormCutShortIsRefusedWhereverItEnds() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--"
        #expect(failure(body) == nil)
        let first = "--b\r\n".utf8.count
        for length in 0..<body.utf8.count {
            let cut = String(decoding: Array(body.utf8)[..<length], as: UTF8.self)
            #expect(failure(cut) == (length < first ? .boundaryNotFound : .truncated), "\(length) bytes")
        }
    }

    @Test(arguments: ["c", "bb", "B", "b b"])
    func theBoundaryOfAnotherFormIsNotFound(boundary: String) {
        #expect(failure(part("name=a", "x") + "--b--", boundary: boundary) == .boundaryNotFound)
    }

    /// Lines that begin like the boundary and are none.
    @Test(arguments: [
        "x--b--", "\r\n--bx\r\n", "\r\n--b-\r\n", "\r\n--b -\r\n", "\r\n--", "\r\n-", "\r\n", "\r", "\n", "\r\r\n",
        "\n--b\n", "\r--b\r", "\r\n --b\r\n", "\r\n--b\rx", "\r\n--b \t\rx", "\r\n--B\r\n",
        "\r\n-\r\n--\r\n--a",
    ])
    func whatOnlyLooksLikeABoundaryIsData(data: String) throws {
        let body = part("name=a", data) + "--b--"
        #expect(try parse(body).map(\.text) == [data])
        #expect(try parse(body.utf8.map { [$0] }).map(\.text) == [data])
    }

    @Test func everyByteComesThrough() throws {
        let data = (0..<4).flatMap { _ in (0...255).map { UInt8($0) } }
        let body = Array("--b\r\n\r\n".utf8) + data + Array("\r\n--b--".utf8)
        for size in [1, 2, 3, 7, 64, body.count] {
            let pieces = stride(from: 0, to: body.count, by: size).map { body[$0..<min($0 + size, body.count)] }
            #expect(try parse(pieces).map(\.bytes) == [data])
        }
    }

    @Test(arguments: [
        // With and without a line break of its own, after headers and after none.
        ("--b\r\n\r\n\r\n--b--", 1), ("--b\r\n\r\n--b--", 1), ("--b\r\nA: b\r\n\r\n\r\n--b--", 1),
        ("--b\r\nA: b\r\n\r\n--b--", 1), ("--b\r\n\r\n--b\r\n\r\n--b\r\n\r\n--b--", 3),
    ])
    func partsMayBeEmpty(body: String, count: Int) throws {
        let parts = try parse(body)
        #expect(parts.count == count && parts.allSatisfy { $0.bytes.isEmpty && $0.name == nil })
        #expect(try parse(body.utf8.map { [$0] }) == parts)
    }

    @Test(arguments: ["--b--", "\r\n--b--\r\n", "preamble\r\n--b--epilogue"])
    func aFormMayHaveNoParts(body: String) throws {
        #expect(try parse(body).isEmpty)
    }

    @Test func blanksAfterABoundaryMeanNothing() throws {
        #expect(try parse("--b \t \r\n\r\none\r\n--b\t\r\n\r\ntwo\r\n--b--  \r\n").map(\.text) == ["one", "two"])
        let padding = String(repeating: " ", count: 1025)
        #expect(try parse("--b\r\n\r\none\r\n--b\(padding)\r\n--b--").map(\.text) == ["one\r\n--b\(padding)"])
    }

    @Test func whatComesBeforeAndAfterIsIgnored() throws {
        let form = part("name=a", "x") + "--b--"
        for preamble in ["", "\r\n", "text\r\n", "--x\r\n", "--b x\r\n", "a--b\r\n"] {
            for epilogue in ["", "\r\n", "\r\n--b\r\n\r\nno part\r\n--b--", "text", "\0\u{7}"] {
                #expect(try parse(preamble + form + epilogue).map(\.text) == ["x"])
            }
        }
    }

    @Test func linesThatEndInALineFeedAloneAreNone() {
        #expect(failure("--b\nContent-Disposition: form-data; name=a\n\nx\n--b--\n") == .boundaryNotFound)
        #expect(failure("--b\r\nA: b\n\nx\r\n--b--\r\n") == .truncated)
        #expect(failure("--b\r\nA: b\nC: d\r\n\r\nx\r\n--b--") == .malformedHeaders(part: 0))
    }
}
