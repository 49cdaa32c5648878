import NIOCore
import Synchronization
import Testing

@testable import Multipart

/// The streaming shell: bytes are asked for when an event needs them and never ahead.
@Suite struct SequenceTests {
    /// Gives pieces one by one and counts how many were asked for.
    private final class Source: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        struct Broken: Error {}
        let pieces: [String]
        let breaks: Bool
        let asked = Mutex(0)

        init(_ pieces: [String], breaks: Bool = false) {
            self.pieces = pieces
            self.breaks = breaks
        }

        struct AsyncIterator: AsyncIteratorProtocol {
            let source: Source
            mutating func next() async throws -> ByteBuffer? {
                let position = source.asked.withLock { asked in
                    defer { asked += 1 }
                    return asked
                }
                if position < source.pieces.count { return ByteBuffer(string: source.pieces[position]) }
                if source.breaks { throw Broken() }
                return nil
            }
        }
        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self) }
    }

    @Test func whoReadsSlowlySlowsTheSenderDown() async throws {
        let source = Source(["--b\r\n\r\none", "two", "three\r\n--b\r\n", "\r\n", "four\r\n--b--", "epilogue", "more"])
        var events = try MultipartSequence(source, boundary: "b").makeAsyncIterator()
        var seen: [(String, Int)] = []
        while let event = try await events.next() {
            let name =
                switch event {
                case .part: "part"
                case .body(let bytes): String(buffer: bytes)
                case .partEnd: "/part"
                case .end: "end"
                }
            seen.append((name, source.asked.withLock { $0 }))
        }
        #expect(seen.map(\.0) == ["part", "one", "two", "three", "/part", "part", "four", "/part", "end"])
        #expect(seen.map(\.1) == [1, 1, 2, 3, 3, 4, 5, 5, 5])
        // After the end, to the end of the source, which is a connection that goes on.
        #expect(source.asked.withLock { $0 } == 8)
    }

    @Test func aSourceThatBreaksIsNotTheEndOfAForm() async throws {
        let source = Source(["--b\r\n\r\none"], breaks: true)
        await #expect(throws: Source.Broken.self) {
            for try await _ in try MultipartSequence(source, boundary: "b") {}
        }
        await #expect(throws: MultipartError.truncated) {
            for try await _ in try MultipartSequence(Source(["--b\r\n\r\none"]), boundary: "b") {}
        }
        await #expect(throws: MultipartError.boundaryNotFound) {
            for try await _ in try MultipartSequence(Source([]), boundary: "b") {}
        }
    }
}
