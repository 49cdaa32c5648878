import Domain
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null],"c":{"x":1.10}}"#, "12345678901234567890", "-0.5e-7", #""\u0000\u007f""#,
        #"["é","😀",""]"#, "[]", "{}",
    ])
    func whatIsReadIsWrittenAsGiven(text: String) throws {
        #expect(try JSONValue(parsing: text).jsonText == text)
    }

    @Test(arguments: [
        ("\"\\u00e9\\ud83d\\ude00\\/\"", "\"é😀/\""), (" [ 1 , 2 ] ", "[1,2]"), (#"{"a":1,"a":2}"#, #"{"a":2}"#),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"\u{E9}\":1,\"e\u{301}\":2}"),
    ])
    func othersAreWrittenCompactly(text: String, expected: String) throws {
        #expect(try JSONValue(parsing: text).jsonText == expected)
    }

    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd), ("{", .unexpectedEnd), ("[1", .unexpectedEnd), ("[1,]", .unexpectedByte),
        ("{a:1}", .unexpectedByte), ("01", .badNumber), ("1.", .badNumber), ("-", .badNumber), ("1e", .badNumber),
        ("tru", .unexpectedByte), ("\"\\x\"", .badEscape), ("\"\\ud800\"", .badEscape), ("\"\n\"", .badString),
        ("1 2", .trailingBytes), ("NaN", .unexpectedByte), ("\"\\u12g4\"", .badEscape),
    ])
    func brokenTextIsRefused(text: String, code: JSONError.Code) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        do { _ = try JSONValue(parsing: text) } catch { #expect(error.code == code) }
    }

    @Test func bytesThatAreNoUTF8AreRefused() {
        do {
            _ = try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22])
            Issue.record("accepted")
        } catch { #expect(error.code == .badUTF8) }
    }

    @Test func nestingIsBounded() throws {
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        do {
            _ = try JSONValue(parsing: deep)
            Issue.record("accepted")
        } catch { #expect(error.code == .tooDeep) }
        #expect(try JSONValue(parsing: "[[1]]", maximumDepth: 2) == [[1]])
    }

    @Test func integersAreRecognisedInEverySpelling() throws {
        #expect(try JSONValue(parsing: "7.0").number?.int == 7)
        #expect(try JSONValue(parsing: "7e2").number?.int == 700)
        #expect(try JSONValue(parsing: "7.5").number?.int == nil)
    }
}
