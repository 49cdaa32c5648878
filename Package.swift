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

let package = Package(
    name: "imago",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .systemLibrary(name: "COpenVINO"),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CPixels", cSettings: [.unsafeFlags(["-O3"])]),

        .target(name: "Domain", swiftSettings: swift),
        .target(
            name: "CatalogSQLite", dependencies: ["Domain", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        .target(
            name: "BlobsFile",
            dependencies: [
                "Domain", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: swift),
        .target(
            name: "Imaging", dependencies: ["Domain", "CPixels", "CVips", .product(name: "NIOPosix", package: "swift-nio")],
            swiftSettings: swift),
        .target(
            name: "Inference",
            dependencies: [
                "Domain", "COpenVINO", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: swift, linkerSettings: runtimeLinking),
        .target(name: "VectorSearch", dependencies: ["Domain", "CKernels"], swiftSettings: swift),
        .target(
            name: "Library",
            dependencies: [
                "Domain", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: swift),
        .target(
            name: "Indexing",
            dependencies: [
                "Domain", "Library", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "Domain", "Library",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                "Indexing", .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], path: ".build/stubs/HTTPAPI", swiftSettings: swift),
        .target(
            name: "Composition",
            dependencies: [
                "Domain", "CatalogSQLite", "BlobsFile", "Imaging", "Inference", "VectorSearch", "Library", "Indexing",
                "HTTPAPI",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swift),
        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: swift),
    ]
)
