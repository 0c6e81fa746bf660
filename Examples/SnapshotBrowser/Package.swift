// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "SnapshotBrowser",
    dependencies: [
        // In a package of your own: .package(url: "…/cairn.git", from: "0.1.0")
        .package(name: "cairn", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "snapshot-browser", dependencies: [.product(name: "CairnMount", package: "cairn")], path: "Sources")
    ]
)
