// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ArtifactCache",
    dependencies: [
        // In a package of your own: .package(url: "…/cairn.git", from: "0.1.0")
        .package(name: "cairn", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "artifact-cache", dependencies: [.product(name: "ChunkStore", package: "cairn")], path: "Sources")
    ]
)
