@testable import Composition
import Domain
import Logging
import Synchronization
import Testing

private final class Lines: Sendable {
    let all = Mutex<[String]>([])
}
private struct FixedTime: TimeSource { var now = 1_764_000_000.25 }

@Suite struct LogTests {
    private func lines(
        _ format: ServerConfiguration.LogFormat, _ body: (Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        let logger = Logger(label: "t") { _ in
            ConsoleLogHandler(level: .info, format: format, clock: FixedTime()) { line in
                lines.all.withLock { $0.append(line) }
            }
        }
        body(logger)
        return lines.all.withLock { $0 }
    }

    @Test func aLineSaysWhenHowGraveWhatAndWith() {
        let text = lines(.text) { $0.info("ready", metadata: ["url": "http://x", "a": "b c"]) }
        #expect(text == ["2025-11-24T16:00:00.250Z INFO  ready a=\"b c\" url=http://x\n"])
        #expect(lines(.text) { $0.debug("quiet") }.isEmpty)
    }

    @Test func nothingFromOutsideForgesALine() throws {
        let text = lines(.text) { $0.info("x", metadata: ["name": "a\n2025 FATAL \u{1B}[31m\"b\""]) }
        #expect(text.count == 1 && text[0].dropLast().contains("\n") == false && !text[0].contains("\u{1B}"))
        let json = lines(.json) { $0.info("x", metadata: ["name": "a\nb\"c"]) }
        let value = try JSONValue(parsing: json[0])
        #expect(value["name"] == "a\nb\"c" && value["level"] == "info" && value["time"] == "2025-11-24T16:00:00.250Z")
        #expect(json[0].filter { $0 == "\n" }.count == 1)
    }
}
