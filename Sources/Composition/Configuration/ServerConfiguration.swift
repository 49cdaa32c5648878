import Configuration
import Domain
import Inference
import Logging

/// Everything about one server, read once at start: from flags, then `IMAGO_*` variables, then a file, then defaults.
public struct ServerConfiguration: Sendable {
    public var host: String
    public var port: Int
    /// Without a trailing slash; nil when the request's Host decides.
    public var publicURL: String?
    public var dataDirectory: String
    public var makesFirstKey: Bool
    /// Seconds.
    public var shutdownTimeout: Double
    /// Seconds.
    public var idleTimeout: Double
    public var logLevel: Logger.Level
    public var logFormat: LogFormat
    public var maximumFileBytes: Int64
    public var maximumFiles: Int
    public var maximumRequestBytes: Int64
    public var maximumPixels: Int
    public var maximumFrames: Int
    public var maximumRenditionBytes: Int64
    /// Requests a minute; nil for no limit.
    public var uploadsPerMinute: Int?
    public var searchesPerMinute: Int?
    public var readsPerMinute: Int?
    /// Seconds.
    public var urlLifetime: Double
    /// Nil for the built-in model.
    public var modelDirectory: String?
    public var precision: EncoderOptions.Precision
    /// Nil for all cores.
    public var modelThreads: Int?
    /// Nil for one per core.
    public var decoders: Int?
    public var maximumAttempts: Int
    public var maximumQueued: Int
    /// Seconds.
    public var snapshotInterval: Double

    public enum LogFormat: String, Sendable, CaseIterable { case text, json }

    /// Reads the configuration.
    /// - Parameters:
    ///   - flags: values by option name, without dashes.
    ///   - environment: of which names that begin with `IMAGO_` count.
    ///   - file: a YAML file, or a JSON file when its name ends so.
    /// - Throws: `ConfigurationError` naming the option.
    public static func load(
        flags: [String: String], environment: [String: String], file: String?
    ) async throws -> ServerConfiguration {
        for name in flags.keys where !options.contains(where: { $0.name == name }) {
            throw ConfigurationError(option: "--\(name)", message: "there is no such option")
        }
        // A variable that is set to nothing counts as not set, as shells and compose files use it.
        let environment = environment.filter { !$0.value.isEmpty }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map {
                        (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false))
                    })),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "imago"),
        ]
        if let file { providers.append(try await fileProvider(file)) }
        let values = try OptionValues(reader: ConfigReader(providers: providers))
        return try ServerConfiguration(values, environment: environment)
    }

    /// The data folder alone, for commands that need no more.
    public static func dataDirectory(flag: String?, environment: [String: String]) -> String {
        let given = flag ?? environment["IMAGO_DATA_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        return given.map { DataDirectory.expanded($0, environment: environment) }
            ?? DataDirectory.defaultPath(environment: environment)
    }

    private static func fileProvider(_ path: String) async throws -> any ConfigProvider {
        do {
            return path.hasSuffix(".json")
                ? try await FileProvider<JSONSnapshot>(filePath: .init(path))
                : try await FileProvider<YAMLSnapshot>(filePath: .init(path))
        } catch {
            throw ConfigurationError(option: "--config", message: "\(path) can't be read: \(error)")
        }
    }

    private init(_ values: OptionValues, environment: [String: String]) throws {
        host = try values.text("host")
        port = try values.integer("port", in: 0...65535)
        publicURL = try values.url("public-url")
        dataDirectory =
            try values.optional("data-dir").map { DataDirectory.expanded($0, environment: environment) }
            ?? DataDirectory.defaultPath(environment: environment)
        makesFirstKey = try values.truth("first-key")
        shutdownTimeout = try values.duration("shutdown-timeout", in: 0...3600)
        idleTimeout = try values.duration("idle-timeout", in: 1...3600)
        logLevel = try values.choice("log-level", among: Logger.Level.allCases)
        logFormat = try values.choice("log-format", among: LogFormat.allCases)
        maximumFileBytes = try values.bytes("max-file-bytes", in: 1...1 << 40)
        maximumFiles = try values.integer("max-files", in: 1...10_000)
        maximumRequestBytes = try values.bytes("max-request-bytes", in: 1...1 << 44)
        maximumPixels = try values.integer("max-pixels", in: 1...10_000_000_000)
        maximumFrames = try values.integer("max-frames", in: 1...1_000_000)
        maximumRenditionBytes = try values.bytes("max-rendition-bytes", in: 0...1 << 44)
        uploadsPerMinute = try values.rate("rate-limit-uploads")
        searchesPerMinute = try values.rate("rate-limit-searches")
        readsPerMinute = try values.rate("rate-limit-reads")
        urlLifetime = try values.duration("url-lifetime", in: 60...31_536_000)
        modelDirectory = try values.optional("model-dir").map { DataDirectory.expanded($0, environment: environment) }
        precision =
            switch try values.choice("precision", among: ["auto", "f32", "bf16"]) {
            case "f32": .f32
            case "bf16": .bf16
            default: .automatic
            }
        modelThreads = try values.optionalInteger("model-threads", in: 1...1024)
        decoders = try values.optionalInteger("decoders", in: 1...1024)
        maximumAttempts = try values.integer("max-attempts", in: 1...1000)
        maximumQueued = try values.integer("max-queued", in: 1...1_000_000_000)
        snapshotInterval = try values.duration("snapshot-interval", in: 1...604_800)
    }
}
