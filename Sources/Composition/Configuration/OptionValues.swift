import Configuration

/// The settings as texts, with the readings they can have. Each error names the option, the value and what would do.
struct OptionValues {
    private let texts: [String: String]

    /// Looks up every option, the first provider that has it winning.
    init(reader: ConfigReader) throws {
        var texts: [String: String] = [:]
        for option in ServerConfiguration.options {
            texts[option.name] = Self.text(ConfigKey([option.name]), in: reader)
        }
        self.texts = texts
    }

    /// Files have types where flags and variables have none; all of them become text here.
    private static func text(_ key: ConfigKey, in reader: ConfigReader) -> String? {
        reader.string(forKey: key) ?? reader.int(forKey: key).map(String.init)
            ?? reader.bool(forKey: key).map { $0 ? "true" : "false" } ?? reader.double(forKey: key).map { "\($0)" }
    }

    func optional(_ name: String) throws -> String? {
        guard let text = texts[name] else { return nil }
        guard !text.isEmpty else { throw ConfigurationError(option: name, message: "is empty") }
        return text
    }

    /// The value given, or the default that `--help` shows.
    func text(_ name: String) throws -> String {
        try optional(name) ?? ServerConfiguration.options.first { $0.name == name }!.defaultText
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int {
        try Self.integer(text(name), name, in: range)
    }

    func optionalInteger(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        try optional(name).map { try Self.integer($0, name, in: range) }
    }

    private static func integer(_ text: String, _ name: String, in range: ClosedRange<Int>) throws -> Int {
        guard let value = Int(text.filter { $0 != "_" }), range.contains(value) else {
            throw ConfigurationError(
                option: name,
                message: "\"\(text)\" is no integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Requests a minute, or nil for `off`.
    func rate(_ name: String) throws -> Int? {
        let text = try text(name)
        return text == "off" || text == "0" ? nil : try Self.integer(text, name, in: 1...1_000_000_000)
    }

    func truth(_ name: String) throws -> Bool {
        switch try text(name).lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        case let other: throw ConfigurationError(option: name, message: "\"\(other)\" is neither true nor false")
        }
    }

    func choice<Choice: RawRepresentable<String>>(_ name: String, among choices: [Choice]) throws -> Choice {
        let word = try choice(name, among: choices.map(\.rawValue))
        return choices.first { $0.rawValue == word }!
    }

    func choice(_ name: String, among choices: [String]) throws -> String {
        let text = try text(name)
        guard choices.contains(text.lowercased()) else {
            throw ConfigurationError(
                option: name, message: "\"\(text)\" is none of \(choices.joined(separator: ", "))")
        }
        return text.lowercased()
    }

    /// Seconds, from `1.5`, `500ms`, `30s`, `10m`, `24h` or `7d`.
    func duration(_ name: String, in range: ClosedRange<Double>) throws -> Double {
        let text = try text(name)
        let units: [(suffix: String, seconds: Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }!
        guard let value = Self.plainNumber(text.dropLast(unit.suffix.count)),
            range.contains(value * unit.seconds)
        else {
            throw ConfigurationError(
                option: name,
                message:
                    "\"\(text)\" is no time from \(Int(range.lowerBound))s to \(Int(range.upperBound))s; write 30s, 10m or 24h"
            )
        }
        return value * unit.seconds
    }

    /// Bytes, from `1000`, `64MiB`, `64MB` or `1GiB`.
    func bytes(_ name: String, in range: ClosedRange<Int64>) throws -> Int64 {
        try Self.bytes(text(name), name, in: range)
    }

    func optionalBytes(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        try optional(name).map { try Self.bytes($0, name, in: range) }
    }

    private static func bytes(_ text: String, _ name: String, in range: ClosedRange<Int64>) throws -> Int64 {
        let units: [(suffix: String, bytes: Double)] = [
            ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776), ("kb", 1e3),
            ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("b", 1), ("", 1),
        ]
        let unit = units.first { text.lowercased().hasSuffix($0.suffix) }!
        guard let value = plainNumber(text.dropLast(unit.suffix.count)),
            value * unit.bytes < 9e18, range.contains(Int64(value * unit.bytes))
        else {
            throw ConfigurationError(
                option: name,
                message:
                    "\"\(text)\" is no size from \(range.lowerBound) to \(range.upperBound) bytes; write 64MiB or 1GiB")
        }
        return Int64(value * unit.bytes)
    }

    /// Digits and a point: what `Double` takes besides (`nan`, `0x1p3`) is no setting.
    private static func plainNumber(_ text: Substring) -> Double? {
        let digits = text.last == " " ? text.dropLast() : text
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
        return Double(digits)
    }

    /// An http(s) origin with an optional path, without the slash at its end.
    func url(_ name: String) throws -> String? {
        guard var text = try optional(name) else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        let rest = text.hasPrefix("https://") ? text.dropFirst(8) : text.hasPrefix("http://") ? text.dropFirst(7) : ""
        let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !rest.contains { "?#\"<>\\@".contains($0) }
        guard !rest.isEmpty, rest.first != "/", isPlain else {
            throw ConfigurationError(
                option: name, message: "\"\(text)\" is no URL such as https://images.example.com")
        }
        return text
    }
}
