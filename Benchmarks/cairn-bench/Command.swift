import Posix

/// A program's call.
struct Command {
    /// The program's path and its arguments.
    var words: [String]
    /// All of its environment; nil for that of this process.
    var environment: [String: String]?

    init(_ words: [String], environment: [String: String]? = nil) {
        self.words = words
        self.environment = environment
    }

    /// Where the programs of this name lie on PATH, and then in some more folders, each once, the first first.
    static func found(_ name: String, besides folders: [String] = []) -> [Path] {
        var found: [Path] = []
        for folder in Environment.path.split(separator: ":").map(String.init) + folders {
            guard let path = try? Folder.resolved(Path(folder).appending(name)),
                (try? Folder.status(path))?.isRegular == true, !found.contains(path)
            else { continue }
            found.append(path)
        }
        return found
    }
}
