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

    /// Where the programs of this name lie on PATH, each once, the first first.
    static func found(_ name: String) -> [Path] {
        var found: [Path] = []
        for folder in Environment.path.split(separator: ":") {
            guard let path = try? Folder.resolved(Path(String(folder)).appending(name)),
                (try? Folder.status(path))?.isRegular == true, !found.contains(path)
            else { continue }
            found.append(path)
        }
        return found
    }
}
