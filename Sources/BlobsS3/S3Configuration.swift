import Domain

/// How blobs are kept in an S3-compatible store.
public struct S3Configuration: Sendable {
    public var location: S3Location
    /// A folder on this machine for arriving files and for copies of those in use. One process at a time owns it.
    public var folder: String
    /// Where credentials, region and their files are looked for.
    public var environment: [String: String]
    /// These instead of any that are looked for.
    public var credentials: AWSCredentials?

    /// Bytes of copies kept on this machine; those in use may exceed it.
    public var cacheBytes: Int64 = 1 << 30
    /// The largest blob sent in one request, in bytes; a larger one goes up in parts.
    public var largestSingle: Int64 = 16 << 20
    /// Size of such a part, in bytes; the stores want 5 MiB at least.
    public var partSize: Int64 = 8 << 20
    /// Parts of one blob sent at the same time.
    public var partsAtOnce = 4
    /// From this size on, a store is asked first whether it has the blob already.
    public var asksFirst: Int64 = 1 << 20
    /// Memory that all the uploads together may take, in bytes.
    public var transferMemory = 64 << 20
    /// Connections to the store.
    public var connections = 64
    /// Seconds to connect; seconds without a byte; seconds for a whole request, to which an upload's time is added.
    public var connectTimeout = 5.0
    public var idleTimeout = 30.0
    public var requestTimeout = 60.0
    public var retry = S3RetryPolicy()
    /// Seconds after which an upload in parts that nobody finished counts as left behind.
    public var orphanAge = 86_400.0

    /// Waits some seconds.
    public var sleep: @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    /// In 0..<1.
    public var random: @Sendable () -> Double = { .random(in: 0..<1) }

    /// Names that resolve to these addresses, for tests of the virtual-host style.
    var hostAddresses: [String: String] = [:]
    /// Keys and uploads asked for in one page of a list.
    var pageSize = 1000

    public init(location: S3Location, folder: String, environment: [String: String]) {
        self.location = location
        self.folder = folder
        self.environment = environment
    }
}
