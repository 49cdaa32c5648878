// swift-tools-version: 6.2
import PackageDescription

let root = Context.packageDirectory
let runtime = "\(root)/.deps/openvino"

/// Every target is Swift 6 with warnings as errors; what imports the inference runtime's headers says where they are.
let swift: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors", "-Xcc", "-I\(runtime)/include"])]

/// SwiftPM drops `-rpath` from pkg-config files, so the runtime's folder is named here: beside the package for a build
/// in place, beside the binary for an installed one.
let runtimeLinking: [LinkerSetting] = [
    .unsafeFlags([
        "-L\(runtime)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(runtime)/lib",
        "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/imago",
    ])
]

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
}

let package = Package(
    name: "imago",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "imago", targets: ["imago"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .systemLibrary(name: "COpenVINO"),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CSandbox"),
        .target(name: "CPixels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CResources", cSettings: [.unsafeFlags(["-std=gnu23"])]),

        .target(name: "Domain", swiftSettings: swift),
        .target(name: "CatalogSQLite", dependencies: ["Domain", .grdb], swiftSettings: swift),
        .target(name: "BlobsFile", dependencies: ["Domain", .crypto, .nioPosix], swiftSettings: swift),
        .target(name: "Imaging", dependencies: ["Domain", "CPixels", "CVips", .nioPosix], swiftSettings: swift),
        .target(
            name: "Inference", dependencies: ["Domain", "COpenVINO", .crypto, .nioPosix], swiftSettings: swift,
            linkerSettings: runtimeLinking),
        .target(
            name: "ModelStore",
            dependencies: ["Domain", "Inference", .asyncHTTPClient, .crypto, .nioCore, .nioHTTP1, .nioPosix],
            swiftSettings: swift),
        .target(name: "Multipart", dependencies: [.httpTypes, .nioCore], swiftSettings: swift),
        .target(name: "VectorSearch", dependencies: ["Domain", "CKernels"], swiftSettings: swift),
        .target(name: "Library", dependencies: ["Domain", .crypto, .logging], swiftSettings: swift),
        .target(
            name: "Indexing", dependencies: ["Domain", "Library", .logging, .serviceLifecycle], swiftSettings: swift),
        .target(
            name: "Workers", dependencies: ["Domain", "CSandbox", "Imaging", .logging, .serviceLifecycle],
            swiftSettings: swift),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "CResources", "Domain", "Library", "Indexing", "Multipart", .crypto, .httpTypes, .hummingbird,
                .hummingbirdCore, .logging, .nioCore, .nioHTTP1, .nioHTTPTypes,
            ], exclude: ["Resources"], swiftSettings: swift),
        .target(
            name: "Composition",
            dependencies: [
                "Domain", "CatalogSQLite", "BlobsFile", "Imaging", "Inference", "ModelStore", "VectorSearch", "Library",
                "Indexing", "HTTPAPI", "Workers", .configuration, .crypto, .logging, .serviceLifecycle,
            ], swiftSettings: swift),
        .target(
            name: "ImagoClient", dependencies: ["Domain", .asyncHTTPClient, .crypto, .nioPosix], swiftSettings: swift),
        .executableTarget(
            name: "imago",
            dependencies: [
                "Composition", "Domain", "ImagoClient", "Library", "ModelStore", "Workers", .argumentParser, .unixSignals,
            ],
            swiftSettings: swift, linkerSettings: runtimeLinking),

        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: swift),
        .target(
            name: "LibraryTesting",
            dependencies: ["BlobsFile", "CatalogSQLite", "Domain", "Imaging", "Library", "VectorSearch", .logging],
            path: "Tests/LibraryTesting", swiftSettings: swift),
        .testTarget(
            name: "MultipartTests", dependencies: ["Multipart", "LibraryTesting", .nioCore], swiftSettings: swift),
        .testTarget(
            name: "ImagingTests", dependencies: ["CVips", "Domain", "Imaging", "LibraryTesting"], swiftSettings: swift),
        .testTarget(
            name: "IndexingTests", dependencies: ["Domain", "Indexing", "Library", "LibraryTesting", .grdb, .logging],
            swiftSettings: swift),
        .testTarget(
            name: "StorageContractTests", dependencies: ["BlobsFile", "CatalogSQLite", "Domain", .crypto],
            swiftSettings: swift),
        .testTarget(
            name: "VectorSearchTests", dependencies: ["Domain", "VectorSearch", "CKernels"], swiftSettings: swift),
        .testTarget(
            name: "LibraryTests",
            dependencies: ["BlobsFile", "CatalogSQLite", "Domain", "Imaging", "Library", "LibraryTesting", .grdb],
            swiftSettings: swift),
        .testTarget(
            name: "InferenceTests", dependencies: ["Domain", "Imaging", "Inference", .crypto], exclude: ["Fixtures"],
            swiftSettings: swift, linkerSettings: runtimeLinking),
        .testTarget(
            name: "WorkersTests", dependencies: ["imago", "Domain", "Imaging", "Workers", .logging],
            swiftSettings: swift),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: [
                "Domain", "Imaging", "Inference", "ModelStore", .crypto, .hummingbird, .hummingbirdCore,
                .hummingbirdTesting, .logging, .nioCore,
            ], swiftSettings: swift, linkerSettings: runtimeLinking),
        .testTarget(
            name: "ImagoClientTests",
            dependencies: [
                "Domain", "ImagoClient", .hummingbird, .hummingbirdCore, .hummingbirdTesting, .logging, .nioCore,
            ],
            swiftSettings: swift),
        .testTarget(
            name: "HTTPAPITests",
            dependencies: [
                "Domain", "HTTPAPI", "Imaging", "Inference", "Library", "LibraryTesting", .grdb, .httpTypes,
                .hummingbird,
                .hummingbirdTesting, .logging, .nioCore,
            ], swiftSettings: swift, linkerSettings: runtimeLinking),
        .testTarget(
            name: "CompositionTests", dependencies: ["BlobsFile", "CatalogSQLite", "Composition", "Domain", .logging],
            swiftSettings: swift),
        .testTarget(
            name: "EndToEndTests", dependencies: ["imago", "Domain", .asyncHTTPClient, .nioCore],
            exclude: ["Fixtures"], swiftSettings: swift),
    ]
)
