/// One setting of the server: how it is spelled, what it means, what holds when it is not given.
public struct ConfigurationOption: Sendable, Hashable {
    /// As a flag without its dashes, and as the name in a configuration file: `data-dir`.
    public let name: String
    /// What `--help` and the documentation show as the default.
    public let defaultText: String
    public let help: String
    /// Kept out of logs and listings.
    public let isSecret: Bool
    /// The heading it stands under.
    public let group: String

    /// The environment variable: `IMAGO_DATA_DIR`.
    public var environment: String {
        "IMAGO_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    init(_ name: String, default defaultText: String, group: String, isSecret: Bool = false, _ help: String) {
        self.name = name
        self.defaultText = defaultText
        self.help = help
        self.isSecret = isSecret
        self.group = group
    }
}

/// A setting that can't be used: which, where it came from, and what would do.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    public let option: String
    public let message: String
    public var description: String { "\(option): \(message)" }
}
