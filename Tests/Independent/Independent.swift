// The independent reader: `cairn_reader.py`, a program in another language that was written from FORMAT.md alone. If it reads what the
// library wrote, the document suffices to get everything back without the library. This target runs it for tests.
public import ChildProcess
import Glibc
public import Posix

/// Runs the independent reader.
public struct IndependentReader: Sendable {
    private static let python = "/usr/bin/python3"
    private static let folder = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex))

    /// What to say where the reader cannot run. Tests are then skipped, but never on a build server: there they fail.
    public static let isMissing =
        "the independent reader was not run: /usr/bin/python3 with zstandard and cryptography is missing (apt install python3-zstandard python3-cryptography)"

    /// Whether the tests that need the reader run: its modules are there, or the environment says that this is a build server.
    public static let isExpected: Bool = {
        if getenv("CI") != nil { return true }
        let outcome = try? ChildProcess(python, ["-c", "import zstandard, cryptography"]).run()
        return outcome?.code == 0
    }()

    /// The repository's folder.
    public let repository: String
    /// The words that open it: `--password-file FILE`, `--key-file FILE`, or none.
    public let key: [String]

    /// A reader of one repository.
    public init(_ repository: String, key: [String] = []) {
        self.repository = repository
        self.key = key
    }

    /// Runs one command with the words after the repository.
    public func run(_ command: String, _ words: String...) throws -> ChildOutcome {
        let program = Self.folder + "/cairn_reader.py"
        return try ChildProcess(Self.python, ["-B", program] + key + [command, repository] + words).run()
    }

    /// The Merkle root of folders and files on the disk, which the reader computes without any repository.
    public static func merkle(_ paths: [Path]) throws -> String {
        var command = ChildProcess(python, ["-B", folder + "/cairn_reader.py", "merkle"])
        command.arguments += paths.map { Array($0.bytes) }
        let outcome = try command.run()
        guard outcome.code == 0 else { throw ReaderFailure(description: outcome.errorText) }
        return String(outcome.outputText.dropLast())
    }

    /// Writes a repository of every codec into a folder, with a writer that knows as little of the library as the reader.
    public static func writeAllCodecs(to repository: String, isSealed: Bool) throws -> IndependentReader {
        let words = ["write", isSealed ? "sealed" : "plain", repository]
        let outcome = try ChildProcess(python, ["-B", folder + "/test_reader.py"] + words).run()
        guard outcome.code == 0 else { throw ReaderFailure(description: outcome.errorText) }
        return IndependentReader(repository, key: isSealed ? ["--key-file", repository + "/key.txt"] : [])
    }

    /// Runs the reader's own tests, which are written in its language.
    public static func runOwnTests() throws -> ChildOutcome {
        try ChildProcess(python, ["-B", folder + "/test_reader.py"]).run()
    }
}
