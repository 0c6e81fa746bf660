import Posix

/// Where one program works on one corpus in one round: nothing in it is shared with any other.
struct Workplace {
    let folder: Path
    /// What is taken snapshots of.
    let sources: [Path]

    /// Makes it, empty but for a password.
    init(_ folder: Path, sources: [Path]) throws {
        self.folder = folder
        self.sources = sources
        for place in [folder, cache, home, temporary] { try Folder.makeAll(place) }
        try SmallFile.replace(passwordFile, with: Array("\(Self.password)\n".utf8))
    }

    static let password = "correct horse battery staple"

    var repository: Path { folder.appending("repository") }
    var cache: Path { folder.appending("cache") }
    var home: Path { folder.appending("home") }
    var temporary: Path { folder.appending("tmp") }
    var target: Path { folder.appending("target") }
    var keyFile: Path { folder.appending("key") }
    var passwordFile: Path { folder.appending("password") }
    /// What a program said on standard error.
    var messages: Path { folder.appending("messages") }

    /// The environment that every program gets, and what one gets besides.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "PATH": Environment.path, "HOME": home.string, "TMPDIR": temporary.string, "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        ].merging(more) { $1 }
    }

    /// The bytes of all files in the repository; neither folders nor blocks count.
    func repositoryBytes() throws -> Int {
        try FileTree.sizes(below: repository).reduce(0, +)
    }

    /// Makes the folder that is restored into, empty.
    func clearTarget() throws {
        try FileTree.retire(target)
        try Folder.makeAll(target)
    }

    /// Removes the repository and what else is large; what was restored is only taken out of the way.
    func remove() throws {
        try FileTree.retire(target)
        try FileTree.remove(folder)
    }
}
