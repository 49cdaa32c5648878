// swift-tools-version: 6.2
import PackageDescription

/// Every target is Swift 6 with warnings as errors.
let swift: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]

let package = Package(
    name: "imago",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
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
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .target(name: "CPixels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(
            name: "Imaging", dependencies: ["Domain", "CPixels", "CVips", .product(name: "NIOPosix", package: "swift-nio")],
            swiftSettings: swift),
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

        .testTarget(name: "DomainTests", dependencies: ["Domain"], swiftSettings: swift),
        .testTarget(name: "IndexingTests", dependencies: ["Indexing"], swiftSettings: swift),
        .testTarget(
            name: "StorageContractTests",
            dependencies: ["BlobsFile", "CatalogSQLite", "Domain", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swift),
        .testTarget(
            name: "VectorSearchTests", dependencies: ["Domain", "VectorSearch", "CKernels"], swiftSettings: swift),
    ]
)
