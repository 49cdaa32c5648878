// swift-tools-version: 6.2
import PackageDescription

// `Imago` links to the service's sources, so that only what is measured gets built.
let package = Package(
    name: "s3-bench",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        .target(name: "Domain", path: "Imago/Domain"),
        .target(
            name: "BlobsFile",
            dependencies: [
                "Domain", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Imago/BlobsFile"),
        .target(
            name: "BlobsS3",
            dependencies: [
                "BlobsFile", "Domain", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Imago/BlobsS3"),
        .executableTarget(name: "S3Bench", dependencies: ["BlobsS3", "Domain"]),
    ]
)
