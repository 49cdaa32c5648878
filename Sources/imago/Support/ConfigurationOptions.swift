import ArgumentParser
import Composition
import Foundation

/// A flag for each key of the server's configuration, made from their one description in `ServerConfiguration`.
///
/// The argument parser finds options by looking at a value's properties; here the mirror shows it one option for each
/// key instead, so that `--help` and shell completion know them all.
struct ConfigurationOptions: ParsableArguments, CustomReflectable {
    @Option(
        help: "A YAML or JSON file with settings, named as the flags are. Flags and environment win over it.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var config: String?

    /// By name, those that were given.
    private(set) var flags: [String: String] = [:]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        _config = try container.decode(Option<String?>.self, forKey: Key(stringValue: "config"))
        for option in ServerConfiguration.options {
            let value = try container.decode(Option<String?>.self, forKey: Key(stringValue: option.name))
            if let text = value.wrappedValue { flags[option.name] = text }
        }
    }

    var customMirror: Mirror {
        let options = ServerConfiguration.options.map { option in
            (
                label: Optional("_\(option.name)"),
                value: Option<String?>(
                    name: .customLong(option.name),
                    help: ArgumentHelp(stringLiteral: Self.help(for: option)))
                    as Any
            )
        }
        return Mirror(self, children: [(label: "_config", value: _config)] + options, displayStyle: .struct)
    }

    static func help(for option: ConfigurationOption) -> String {
        var facts = ["environment: \(option.environment)"]
        if !option.defaultText.isEmpty { facts.append("default: \(option.defaultText)") }
        if option.isSecret { facts.append("secret: better not a flag, which other users can see") }
        return "\(option.help) (\(facts.joined(separator: "; ")))"
    }

    func load(environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> ServerConfiguration {
        try await ServerConfiguration.load(flags: flags, environment: environment, file: config)
    }
}

/// Which data folder, for the commands that need nothing else of the configuration.
struct DataFolderOptions: ParsableArguments {
    @Option(
        help: "The server's data folder. (environment: IMAGO_DATA_DIR)", completion: .directory)
    var dataDir: String?

    @Option(
        help: "The server's YAML or JSON file of settings.", completion: .file(extensions: ["yaml", "yml", "json"]))
    var config: String?

    func load(environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> ServerConfiguration {
        try await ServerConfiguration.load(
            flags: dataDir.map { ["data-dir": $0] } ?? [:], environment: environment, file: config)
    }
}
