import ChildProcess
import Posix
import TestSupport

@testable import Cairn

/// A folder that git works in, and what git says of its paths.
struct GitRepository {
    let folder: TemporaryFolder
    private let git: String

    /// A new repository; nil where git is not installed.
    init?() throws {
        guard let git = ChildProcess.find("git") else { return nil }
        self.git = git
        folder = try TemporaryFolder()
        try run(["init", "-q"], in: folder.path)
    }

    @discardableResult
    func run(_ words: [String], in path: Path, input: [UInt8] = []) throws -> ChildOutcome {
        var child = ChildProcess(
            git, ["-C", path.string] + words,
            environment: ["HOME": path.string, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"])
        child.input = input
        let outcome = try child.run()
        guard outcome.code <= 1 else { throw ChildFailure(reason: outcome.errorText) }
        return outcome
    }

    /// Those of the paths that git ignores, asked in a folder.
    func ignored(_ paths: [[UInt8]], in path: Path) throws -> Set<[UInt8]> {
        let answer = try run(
            ["check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"], in: path, input: paths.flatMap { $0 + [0] })
        let fields = answer.output.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        var ignored: Set<[UInt8]> = []
        // Where the pattern stands, in which line, the pattern, the path.
        for index in stride(from: 0, to: fields.count - 3, by: 4) {
            let pattern = fields[index + 2]
            if !pattern.isEmpty, pattern.first != UInt8(ascii: "!") { ignored.insert(fields[index + 3]) }
        }
        return ignored
    }
}

/// A folder in memory that can be written to disk.
struct IgnoredTree {
    var files: [[UInt8]] = []
    var folders: [(name: [UInt8], tree: IgnoredTree)] = []
    var ignoreFile: [UInt8]?

    /// A tree of names and rules over few letters, so that they often meet.
    init(_ random: inout SplitMix64, depth: Int = 3) {
        if random.number(below: depth == 3 ? 1 : 3) == 0 { ignoreFile = RandomIgnoreFile.make(&random) }
        var names = Set<String>()
        for _ in 0..<3 + random.number(below: 4) {
            let name = RandomIgnoreFile.names[random.number(below: RandomIgnoreFile.names.count)]
            guard names.insert(name).inserted else { continue }
            if depth > 0, random.number(below: 5) < 3 {
                folders.append((Array(name.utf8), IgnoredTree(&random, depth: depth - 1)))
            } else {
                files.append(Array(name.utf8))
            }
        }
    }

    func write(to path: Path) throws {
        try Folder.make(path)
        if let ignoreFile { try SmallFile.writeNew(path.appending(".gitignore"), ignoreFile) }
        for name in files {
            try FileDescriptor.open(path.appending(Path(name)), [.write, .create, .exclusive]).close()
        }
        for (name, tree) in folders { try tree.write(to: path.appending(Path(name))) }
    }

    /// All paths, and whether they are ignored by the rules that stand in this folder.
    func verdicts(_ rules: IgnoreRules, prefix: [UInt8], isIgnored: Bool = false) -> [(path: [UInt8], isIgnored: Bool)]
    {
        var verdicts: [([UInt8], Bool)] = []
        for name in files {
            verdicts.append((prefix + name, isIgnored || rules.isIgnored(name, isDirectory: false)))
        }
        for (name, tree) in folders {
            let isOut = isIgnored || rules.isIgnored(name, isDirectory: true)
            verdicts.append((prefix + name, isOut))
            let inside = rules.entering(name, IgnoreRules.Files(ignoreFile: tree.ignoreFile))
            verdicts += tree.verdicts(inside, prefix: prefix + name + [UInt8(ascii: "/")], isIgnored: isOut)
        }
        return verdicts
    }
}

/// Rule files of random lines.
enum RandomIgnoreFile {
    static let names = [
        "a", "b", "ab", "a.o", "b.o", "lib", "liba", "x y", "b ", "#a", "!b", "[", "é", "a]", "-", "a\\b", "B", "1",
    ]
    private static let atoms = [
        "a", "b", "a", "b", "lib", "o", ".", "*", "*", "?", "**", "***", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]",
        "[![:punct:]]", "[[:upper:][:digit:]]", "[]a]", "[a\\-b]", "[a-]", "[b-a]", "[[:nix:]]", "[[:]", "[a", "\\a",
        "\\*",
        "\\ ", " ", "é", "\\[", "]", "x y", "\\\\", "[[a]", "[a/b]", "\\#", "\\!",
    ]

    static func make(_ random: inout SplitMix64) -> [UInt8] {
        var text = random.number(below: 20) == 0 ? "\u{FEFF}" : ""
        for _ in 0..<1 + random.number(below: 6) {
            text += line(&random) + (random.number(below: 12) == 0 ? "\r\n" : "\n")
        }
        if random.number(below: 8) == 0 { text.removeLast() }
        return Array(text.utf8)
    }

    private static func line(_ random: inout SplitMix64) -> String {
        let starts = [
            "", "", "", "", "!", "!", "!", "#", "/", "/", "!/", "**/", "!**/", "//", "/lib**/", "/lib**/**/", "!/a**/",
            "a/*/",
        ]
        var line = starts[random.number(below: starts.count)]
        for index in 0..<1 + random.number(below: 3) {
            if index > 0 { line += random.number(below: 15) == 0 ? "//" : "/" }
            switch random.number(below: 6) {
            case 0: line += "**"
            case 1: line += "*"
            case 2, 3: line += names[random.number(below: names.count)]
            default: for _ in 0..<1 + random.number(below: 3) { line += atoms[random.number(below: atoms.count)] }
            }
            if random.number(below: 2) == 0 { break }
        }
        return line + ["", "", "", "", "/", "/", " ", "  ", "\\", "\\ ", "/ "][random.number(below: 11)]
    }
}
