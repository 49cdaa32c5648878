import AsyncHTTPClient
import BlobsFile
import Domain
import NIOCore
import Synchronization

/// Bytes as objects of an S3-compatible store under their hash: `prefix` and 64 hex digits.
///
/// What arrives is staged in a file on this machine, where it can be decoded, and goes up when it is published. The file
/// then stays as a copy for those who want a file, with others fetched when they are needed, up to a number of bytes.
/// Any number of processes may use one store; each has a folder of its own.
public final class S3BlobStore: BlobStore {
    let configuration: S3Configuration
    let client: S3Client
    let files: FileBlobStore
    let copies: LocalCopies
    let budget: ByteBudget
    let publicAddress: S3Address
    /// Cleared when a store does not know conditional writes.
    let writesConditionally = Atomic(true)
    private let lastProbe = Mutex(-Double.infinity)

    /// Seconds for which a successful write tells that the store can be written to.
    private static let probeInterval = 60.0

    /// Prepares the folder and finds out the region. The store itself is not asked; `check` does that.
    /// - Throws: `BlobError` when the folder can't be used, `S3LocationError`, `CredentialsError`
    public static func open(_ configuration: S3Configuration, clock: any TimeSource) async throws -> S3BlobStore {
        let region = try await region(for: configuration)
        let files = try FileBlobStore(folder: configuration.folder, isDurable: false)
        let store = S3BlobStore(configuration, region: region, files: files, clock: clock)
        try await store.copies.recover()
        return store
    }

    private init(_ configuration: S3Configuration, region: String, files: FileBlobStore, clock: any TimeSource) {
        self.configuration = configuration
        self.files = files
        let location = configuration.location
        let connections = Connections(configuration)
        let chain = CredentialsChain(
            environment: Environment(variables: configuration.environment), profile: location.profile,
            service: MetadataService(http: connections.http))
        let source: any CredentialsSource = configuration.credentials.map { FixedCredentials(value: $0) } ?? chain
        let endpoint = location.endpoint ?? .amazon(region: region)
        let client = S3Client(
            configuration: configuration, connections: connections,
            credentials: CredentialsCache(source: source, clock: clock),
            address: S3Address(location, endpoint: endpoint), region: region, clock: StoreClock(clock))
        self.client = client
        publicAddress = S3Address(location, endpoint: location.publicEndpoint ?? endpoint)
        budget = ByteBudget(total: configuration.transferMemory)
        copies = LocalCopies(files: files, capacity: configuration.cacheBytes) { hash in
            // The hash is checked over the file.
            let stream = try await ObjectStream(
                client, key: location.prefix + hash.hex, range: nil, hash: nil)
            return AsyncThrowingStream { try await stream.next() }
        }
    }

    private static func region(for configuration: S3Configuration) async throws -> String {
        let environment = Environment(variables: configuration.environment)
        let location = configuration.location
        let named = location.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
        let files = SharedFiles(environment: environment, profile: location.profile)
        guard let region = if let named { named } else { try await files.region() } else {
            guard location.endpoint != nil else {
                throw S3LocationError("the bucket's region is not known; add region=, or set AWS_REGION")
            }
            return "us-east-1"
        }
        try S3Location.checkRegion(region)
        return region
    }

    func key(of hash: ContentHash) -> String { configuration.location.prefix + hash.hex }

    /// Turns the failures of `body` into `BlobError`.
    func mapped<Value>(_ hash: ContentHash? = nil, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let failure as S3Failure {
            throw failure.blobError(hash)
        } catch let error as CredentialsError {
            throw BlobError.unavailable(error.description)
        }
    }

    public func stage() async throws -> any BlobStaging { try await files.stage() }

    public func discard(_ blob: StagedBlob) async { await files.discard(blob) }

    public func size(of hash: ContentHash) async throws -> Int64? {
        try await mapped(hash) {
            if let size = try await client.size(of: key(of: hash)) { return size }
            // A bucket that is gone must not look like one without blobs.
            try await client.checkBucket()
            return nil
        }
    }

    public func remove(_ hash: ContentHash) async throws {
        try await mapped(hash) { try await client.delete(key(of: hash)) }
        try await copies.remove(hash)
    }

    public func check() async throws {
        try await files.check()
        let now = client.clock.now
        try await mapped {
            guard now - lastProbe.withLock({ $0 }) >= Self.probeInterval else {
                return try await client.checkBucket(policy: .brief)
            }
            let key = "\(configuration.location.prefix)check-\(UInt64.random(in: .min ... .max))"
            try await client.put(key, ByteBuffer(), hash: ContentHash(sha256Of: []), policy: .brief)
            try await client.delete(key, policy: .brief)
            lastProbe.withLock { $0 = now }
        }
    }
}
