// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "FolderBackup",
    dependencies: [
        // In a package of your own: .package(url: "…/cairn.git", from: "0.1.0")
        .package(name: "cairn", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "folder-backup", dependencies: [.product(name: "Cairn", package: "cairn")], path: "Sources")
    ]
)
