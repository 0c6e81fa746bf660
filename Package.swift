// swift-tools-version: 6.2
import PackageDescription

// One floor may use the floors below it and never those above: see "The house" in Documentation/Architecture.md.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, resources: resources,
        swiftSettings: strict)
}

let package = Package(
    name: "cairn",
    products: [
        // With the rooms whose types their faces use: paths, digests, places to store in.
        .library(name: "ChunkStore", targets: ["ChunkStore", "Posix", "Crypto", "Storage"]),
        .library(name: "Cairn", targets: ["Cairn", "ChunkStore", "Posix", "Crypto", "Storage"]),
        .library(name: "CairnMount", targets: ["CairnMount", "Cairn", "ChunkStore", "Posix", "Crypto", "Storage"]),
        .executable(name: "cairn", targets: ["cairn"]),
    ],
    targets: [
        // Floor 0: doors to system libraries.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CPosix"),
        .target(name: "CSHA256"),
        // The archive, so that the program runs where there is no libfuse.
        .target(name: "CFuse", linkerSettings: [.linkedLibrary(":libfuse3.a")]),

        // Floor 1: each could be published alone; none knows what a backup is.
        room("Posix", ["CPosix"]),
        room("Bytes", []),
        room("Crypto", ["CCrypto", "CSHA256"]),
        room("Compression", ["CZstd"]),
        room("Chunking", []),
        room("SQLite", ["CSQLite"]),
        room("Storage", ["Posix"]),
        room("CommandLine", []),

        // Floor 2: chunks in, chunks out.
        room("ChunkStore", ["Posix", "Bytes", "Crypto", "Compression", "Chunking", "SQLite", "Storage"]),

        // Floor 3: snapshots of file trees.
        room("Cairn", ["ChunkStore", "Bytes", "Crypto", "Posix", "SQLite"]),

        room("CairnMount", ["CFuse", "Cairn", "ChunkStore", "Crypto", "Posix"]),

        // Floor 4: the command.
        room(
            "CairnCommands",
            [
                "Cairn", "CairnMount", "ChunkStore", "CommandLine", "Posix", "Storage", "Crypto", "CSQLite", "CCrypto",
                "CZstd",
            ]),
        .executableTarget(name: "cairn", dependencies: ["CairnCommands", "CommandLine"], swiftSettings: strict),

        // Measuring: figures, ratios and limits, printed and as a page with pictures.
        .target(name: "BenchReport", path: "Benchmarks/BenchReport", swiftSettings: strict),
        .executableTarget(
            name: "cairn-bench",
            dependencies: [
                "BenchReport", "ChunkStore", "Posix", "Storage", "Bytes", "Chunking", "Compression", "Crypto", "SQLite",
            ],
            path: "Benchmarks/cairn-bench",
            swiftSettings: strict),

        // Tests: one target for each room.
        tests("BenchReport", []),
        tests("Crypto", []),
        tests("Compression", []),
        tests("Chunking", []),
        tests("SQLite", []),
        tests(
            "ChunkStore",
            ["Bytes", "ChildProcess", "Chunking", "Compression", "Crypto", "Posix", "SQLite", "Storage", "TestSupport"]),
        tests("Cairn", ["ChunkStore", "Bytes", "ChildProcess", "Crypto", "Posix", "SQLite", "Storage", "TestSupport"]),
        tests("CairnMount", ["Cairn", "ChunkStore", "Crypto", "Posix", "Storage", "TestSupport"]),
        tests("CommandLine", ["ChildProcess", "Posix", "TestSupport"]),
        tests(
            "CairnCommands",
            [
                "Cairn", "ChildProcess", "ChunkStore", "CommandLine", "ConsoleHelper", "Crypto", "Independent", "Posix",
                "Storage", "cairn",
            ]),
        .executableTarget(
            name: "ConsoleHelper", dependencies: ["Cairn", "CairnCommands", "CommandLine", "Crypto", "Posix"],
            path: "Tests/ConsoleHelper", swiftSettings: strict),
        tests("Posix", ["TestSupport"]),
        tests("Bytes", ["TestSupport"]),
        tests("Storage", ["Posix", "TestSupport", "CrashHelper"]),
        .testTarget(
            name: "CrashTests",
            dependencies: ["ChunkStore", "Crypto", "Posix", "Storage", "TestSupport", "CrashHelper"],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Bytes", "ChunkStore", "Crypto", "Posix", "Storage"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "CrashHelper", dependencies: ["Bytes", "ChunkStore", "Posix", "Storage", "TestSupport"],
            path: "Tests/CrashHelper", swiftSettings: strict),
        .target(name: "ChildProcess", path: "Tests/ChildProcess", swiftSettings: strict),

        // The format, read by a program that knows nothing but FORMAT.md.
        .target(
            name: "Independent", dependencies: ["ChildProcess", "Posix", "TestSupport"], path: "Tests/Independent",
            exclude: [
                "cairn_chunking.py", "cairn_merkle.py", "cairn_reader.py", "cairn_records.py", "cairn_repository.py",
                "cairn_restore.py", "cairn_snapshots.py", "cairn_trees.py", "test_reader.py", "test_trees.py",
            ], swiftSettings: strict),
        tests(
            "Independent",
            ["Cairn", "ChunkStore", "ChildProcess", "Crypto", "Posix", "Storage", "TestSupport", "cairn"]),
        // The built binary against kills, full disks, changing files, spoilt caches, and size.
        .testTarget(
            name: "EnduranceTests",
            dependencies: ["ChildProcess", "Independent", "Posix", "Storage", "TestSupport", "cairn"],
            swiftSettings: strict),
        // What other packages see: the list of public symbols, their documentation, and programs that embed the libraries.
        .testTarget(
            name: "InterfaceTests",
            dependencies: ["Cairn", "CairnMount", "ChildProcess", "ChunkStore", "Posix", "TestSupport", "cairn"],
            swiftSettings: strict),
        // Repositories of earlier versions, which all later ones read.
        .testTarget(
            name: "GoldenTests", dependencies: ["ChunkStore", "Independent", "Posix", "Storage", "TestSupport"],
            swiftSettings: strict),
    ]
)

// What reads stored bytes is fed with anything else: in tests, or, for `make fuzz`, in a program for libFuzzer.
let parsers: [Target.Dependency] = ["Bytes", "ChunkStore", "Chunking", "Compression", "Crypto", "Posix", "Storage"]
package.targets.append(
    Context.environment["CAIRN_FUZZ"] == nil
        ? .testTarget(
            name: "FuzzTests", dependencies: parsers + ["TestSupport"], exclude: ["LibFuzzer"], swiftSettings: strict)
        : .executableTarget(
            name: "cairn-fuzz", dependencies: parsers, path: "Tests/FuzzTests", exclude: ["Replay"],
            swiftSettings: strict))
