import ChildProcess
import Glibc
import Independent
import Posix
import TestSupport

/// A repository of a test's own with its key and cache, room for trees beside them, and the program that works with it.
final class Place: Sendable {
    let folder: TemporaryFolder
    let repository: Path
    let cache: Path
    private let key: Path

    /// Makes a repository. It may lie elsewhere than the rest, and so may the cache.
    init(onDisk: Bool = false, repository: Path? = nil, cache: Path? = nil) throws {
        folder = try TemporaryFolder(onDisk: onDisk)
        // Other users are to get at what is theirs.
        try Folder.setMode(folder.path, 0o755)
        self.repository = repository ?? folder.path.appending("repository")
        self.cache = cache ?? folder.path.appending("cache")
        key = folder.path.appending("key")
        let made = try run("init", "--new-key-file", key.string)
        guard made.code == 0 else { throw ChildFailure(reason: "init: \(made.errorText)") }
    }

    /// A place with all that lies in another one, where it lies there.
    init(copying other: Place) throws {
        folder = try TemporaryFolder()
        repository = folder.path.appending("repository")
        cache = folder.path.appending("cache")
        key = folder.path.appending("key")
        let copy = try ChildProcess("/bin/cp", ["-a", "\(other.folder.path)/.", folder.path.string]).run()
        guard copy.code == 0 else { throw ChildFailure(reason: copy.errorText) }
    }

    func path(_ name: String) -> Path { folder.path.appending(name) }

    // MARK: Running

    /// What a run said.
    struct Run {
        let code: Int32
        let output: String
        let errorText: String

        /// A number of the summary; nil if it has none of this name.
        func number(_ field: String) -> Int? { value(field).flatMap { Int($0) } }

        /// A text of the summary.
        func text(_ field: String) -> String? {
            guard let value = value(field), value.first == "\"" else { return nil }
            return String(value.dropFirst().dropLast())
        }

        /// How often the errors have these words.
        func count(of words: String) -> Int {
            errorText.split(separator: words, omittingEmptySubsequences: false).count - 1
        }

        private func value(_ field: String) -> Substring? {
            guard
                let summary = output.split(separator: "\n").last(where: { $0.contains(#""message_type":"summary""#) }),
                let start = summary.split(separator: "\"\(field)\":", maxSplits: 1).dropFirst().first
            else { return nil }
            return start.prefix { $0 != "," && $0 != "}" }
        }
    }

    /// Beside the program that runs the tests.
    static let program = isFullEndurance || isFullStorm || isFullSweep ? "../release/cairn" : "cairn"

    private static let programPath: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Path(path).parent.appending(program).string
    }()

    private func words(_ words: [String], cache: Path?, key: Path? = nil) -> [String] {
        let keyWords = words.first == "init" ? [] : ["--key-file", (key ?? self.key).string]
        return words + ["--repo", repository.string, "--cache-dir", (cache ?? self.cache).string] + keyWords
    }

    /// Runs the program to its end, behind another one where that is given.
    func run(_ words: String..., behind: [String] = [], cache: Path? = nil) throws -> Run {
        try run(words, behind: behind, cache: cache)
    }

    func run(_ words: [String], behind: [String] = [], cache: Path? = nil, key: Path? = nil) throws -> Run {
        let all = behind + [Self.programPath] + self.words(words, cache: cache, key: key)
        let child = ChildProcess(
            behind.isEmpty ? all[0] : try Self.find(all[0]), Array(all.dropFirst()),
            environment: ["HOME": folder.path.string])
        let outcome = try child.run()
        return Run(code: outcome.code, output: outcome.outputText, errorText: outcome.errorText)
    }

    /// Starts the program, which then runs beside the test.
    func start(_ words: String...) throws -> RunningProgram { try start(words) }

    func start(_ words: [String], cache: Path? = nil) throws -> RunningProgram {
        try RunningProgram(beside: Self.program, self.words(words, cache: cache))
    }

    /// The words that let the program be run by another user, who then owns the repository and cache.
    func otherUser() throws -> [String] {
        let outcome = try ChildProcess(
            "/bin/chown", ["-R", "12345:12345", repository.string, cache.string, key.string]
        ).run()
        guard outcome.code == 0 else { throw ChildFailure(reason: outcome.errorText) }
        return ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--"]
    }

    static func find(_ tool: String) throws -> String {
        guard let path = ChildProcess.find(tool) else { throw ChildFailure(reason: "\(tool) is not installed") }
        return path
    }

    // MARK: Taking and bringing back

    func snapshot(_ source: Path, _ words: String...) throws -> Run {
        try run(["snapshot", "--json", source.string] + words)
    }

    /// Brings a folder back, from the newest snapshot or another.
    func restore(_ source: Path, to target: Path, of snapshot: String = "latest") throws -> Run {
        try run(["restore", "--json", snapshot + ":" + source.string, "--target", target.string])
    }

    // MARK: Looking

    /// What is wrong with the repository; empty if everything in it can be read, and every snapshot proves its root. Asks the independent
    /// reader, where that can run.
    func problems() throws -> [String] {
        guard IndependentReader.isExpected else {
            print(IndependentReader.isMissing)
            return []
        }
        let reader = IndependentReader(repository.string, key: ["--key-file", key.string])
        var problems: [String] = []
        func note(_ outcome: ChildOutcome) {
            if outcome.code != 0 || !outcome.errors.isEmpty { problems.append("\(outcome.code): \(outcome.errorText)") }
        }
        note(try reader.run("verify"))
        let list = try reader.run("snapshots")
        note(list)
        for line in list.outputText.split(separator: "\n") where line.first?.isHexDigit == true {
            guard let id = line.split(separator: " ").first, id.count >= 8 else { continue }
            note(try reader.run("merkle-tree", String(id)))
        }
        return problems
    }

    /// Brings a whole snapshot back by means of the independent reader.
    func restoreIndependently(_ snapshot: String, to target: Path) throws -> ChildOutcome {
        try IndependentReader(repository.string, key: ["--key-file", key.string]).run(
            "restore", snapshot, target.string)
    }
}

extension Path {
    /// Writes a file and the folders above it.
    func write(_ content: [UInt8]) throws {
        try Folder.makeAll(parent)
        let file = try FileDescriptor.open(self, [.write, .create, .truncate])
        try content.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
    }

    /// Writes a file of so many bytes that nothing compresses.
    func writeNoise(_ count: Int) throws {
        let noise = try FileDescriptor.open("/dev/urandom", .read)
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            done += try bytes.withUnsafeMutableBytesThrowing { raw throws(PosixError) in
                try noise.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[done...]))
            }
        }
        try write(bytes)
    }

    /// The content.
    func content() throws -> [UInt8] { try SmallFile.read(self, limit: 1 << 30) }
}
