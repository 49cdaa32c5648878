import NIOCore
import Testing

@testable import Multipart

/// A body that never comes to the point is given up on, long before it is all there.
@Suite struct LimitTests {
    /// Pushes pieces until the parser throws.
    /// - Returns: the error, and how many bytes it took.
    private func bytesUntilRefused(
        _ start: String, then piece: String, limits: MultipartLimits = MultipartLimits(), atMost: Int = 2 << 20
    ) throws -> (MultipartError, Int)? {
        var parser = try MultipartParser(boundary: "b", limits: limits)
        var pushed = 0
        var next = ByteBuffer(string: start)
        while pushed < atMost {
            pushed += next.readableBytes
            parser.push(next)
            do throws(MultipartError) {
                while try parser.next() != nil {}
            } catch { return (error, pushed) }
            next = ByteBuffer(string: piece)
        }
        return nil
    }

    @Test(arguments: ["x", "X: y\r\n", "\r\n y", "\r\nX: ", "\t"])
    func headersOfAMegabyte(piece: String) throws {
        let block = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
        let body = "--b\r\nA: b" + block + "\r\n\r\nx\r\n--b--"
        #expect(failure(body) == .headersTooLarge(part: 0, limit: 16384))
        let (error, bytes) = try #require(try bytesUntilRefused("--b\r\nA: ", then: piece))
        #expect(error == .headersTooLarge(part: 0, limit: 16384) && bytes < 16500)
    }

    @Test func headersUpToTheLimitAreRead() throws {
        for (length, error) in [(100, nil), (101, MultipartError.headersTooLarge(part: 0, limit: 100))] {
            let header = "A: " + String(repeating: "x", count: length - 3)
            let limits = MultipartLimits(headerBytes: 100)
            #expect(failure("--b\r\n\(header)\r\n\r\ny\r\n--b--", limits: limits) == error)
            let bytes = Array("--b\r\n\(header)\r\n\r\ny\r\n--b--".utf8).map { [$0] }
            if error == nil {
                #expect(try parse(bytes, limits: limits).count == 1)
            } else {
                #expect(throws: MultipartError.self) { try parse(bytes, limits: limits) }
            }
        }
    }

    @Test func tenThousandEmptyParts() throws {
        let body = String(repeating: "--b\r\n\r\n\r\n", count: 10_000) + "--b--"
        #expect(failure(body) == .tooManyParts(limit: 1024))
        let (error, bytes) = try #require(try bytesUntilRefused("", then: "--b\r\n\r\n\r\n"))
        #expect(error == .tooManyParts(limit: 1024) && bytes < 1026 * 10)
        #expect(try parse(body, limits: MultipartLimits(parts: 10_000)).count == 10_000)
    }

    @Test func aPreambleHasItsLimit() throws {
        let limits = MultipartLimits(preambleBytes: 10)
        #expect(try parse("12345678\r\n--b--", limits: limits).isEmpty)
        #expect(failure("123456789\r\n--b--", limits: limits) == nil)
        #expect(failure("123456789012\r\n--b--", limits: limits) == .preambleTooLong(limit: 10))
        for piece in ["x", "\r", "\r\n--", "\r\n--bx", "x--b"] {
            let (error, bytes) = try #require(try bytesUntilRefused("", then: piece))
            #expect(error == .preambleTooLong(limit: 4096) && bytes < 4096 + 1100, "\(piece)")
        }
    }

    @Test func bytesOfPartsHaveNoLimitHere() throws {
        #expect(try bytesUntilRefused("--b\r\n\r\n", then: String(repeating: "\r\n--bx", count: 1000)) == nil)
    }

    @Test func whatComesAfterTheEndIsNotKept() throws {
        var parser = try MultipartParser(boundary: "b")
        parser.push(ByteBuffer(string: "--b--"))
        #expect(try parser.next() == .end)
        for _ in 0..<100 {
            parser.push(ByteBuffer(repeating: 0x78, count: 1 << 20))
            #expect(try parser.next() == nil)
        }
        try parser.finish()
    }
}
