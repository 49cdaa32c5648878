import Domain
import Foundation
import Logging

/// Writes log lines to standard error: words for people, one JSON object a line for machines.
///
/// Metadata values come from outside now and then; control characters in them are escaped, so that no client can forge a
/// line or send a terminal a command.
public struct ConsoleLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let format: ServerConfiguration.LogFormat
    private let clock: any TimeSource
    private let write: @Sendable (String) -> Void

    public init(
        level: Logger.Level, format: ServerConfiguration.LogFormat, clock: any TimeSource = SystemClock(),
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        logLevel = level
        self.format = format
        self.clock = clock
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        switch format {
        case .text: write(text(event, pairs))
        case .json: write(json(event, pairs))
        }
    }

    private func text(_ event: LogEvent, _ pairs: [(name: String, value: String)]) -> String {
        let words = pairs.map { " \($0.name)=\(Self.word($0.value))" }.joined()
        return "\(timestamp) \(Self.names[event.level] ?? "") \(Self.escaped("\(event.message)"))\(words)\n"
    }

    private func json(_ event: LogEvent, _ pairs: [(name: String, value: String)]) -> String {
        var object: JSONObject = [
            "time": .string(timestamp), "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        for pair in pairs { object[pair.name] = .string(pair.value) }
        return JSONValue.object(object).jsonText + "\n"
    }

    private var timestamp: String { RFC3339.text(clock.now) }

    private static let names: [Logger.Level: String] = [
        .trace: "TRACE", .debug: "DEBUG", .info: "INFO ", .notice: "NOTE ", .warning: "WARN ", .error: "ERROR",
        .critical: "FATAL",
    ]

    private static func word(_ text: String) -> String {
        let plain = escaped(text)
        return plain.isEmpty || plain.contains(" ") ? "\"\(plain)\"" : plain
    }

    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\"" }) else {
            return text
        }
        return text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\n": "\\n"
            case _ where scalar.properties.generalCategory == .control: "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
    }
}
