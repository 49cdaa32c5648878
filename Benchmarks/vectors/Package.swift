// swift-tools-version: 6.2
import PackageDescription

// `Imago` links to the service's sources, so that only what is measured gets built.
let package = Package(
    name: "vector-bench",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "CKernels", path: "Imago/CKernels", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "Domain", path: "Imago/Domain"),
        .target(name: "VectorSearch", dependencies: ["Domain", "CKernels"], path: "Imago/VectorSearch"),
        .executableTarget(name: "VectorBench", dependencies: ["VectorSearch", "Domain"]),
    ]
)
