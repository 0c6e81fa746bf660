import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

/// The project, and what was built of it.
enum Project {
    static let root = Path(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/"))
    /// The folder of the program that runs the tests.
    static let build = Path(RunningProgram.folder)

    /// A variable of the environment.
    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Runs a program of the toolchain or of Debian.
    static func run(_ path: String, _ words: [String], home: Path? = nil) throws -> ChildOutcome {
        // Compilers keep caches there.
        let temporary = try TemporaryFolder()
        var child = ChildProcess(path, words)
        child.environment = ["HOME": Array((home ?? temporary.path).bytes)]
        for name in ["PATH", "SWIFT", "TMPDIR"] {
            if let value = environment(name) { child.environment[name] = Array(value.utf8) }
        }
        return try child.run()
    }
}

/// What other packages see of the libraries. `make interface` lists it anew.
@Suite("The libraries' face")
struct InterfaceTests {
    private func interface(_ words: String...) throws -> ChildOutcome {
        let program = Project.root.appending("Documentation/API/interface.py").string
        return try Project.run("/usr/bin/env", ["python3", program] + words + ["--build", Project.build.string])
    }

    // Another compiler may write the same declarations otherwise.
    @Test(
        "it is what Documentation/API lists, and every symbol of it is documented",
        .enabled(if: isListed, "the lists were written with another compiler"))
    func lists() throws {
        let outcome = try interface("check")
        #expect(outcome.code == 0, "\(outcome.outputText)\(outcome.errorText)")
        #expect(outcome.output.isEmpty)
    }

    @Test("the reference is made without a warning, with a page of each library")
    func reference() throws {
        let folder = try TemporaryFolder()
        let outcome = try interface("pages", "--output", folder.path.string)
        #expect(outcome.code == 0, "\(outcome.outputText)\(outcome.errorText)")
        for library in ["chunkstore", "cairn", "cairnmount"] {
            let archive = library == "chunkstore" ? "ChunkStore" : library == "cairn" ? "Cairn" : "CairnMount"
            let page = folder.path.appending("\(archive).doccarchive/data/documentation/\(library).json")
            #expect(try !SmallFile.read(page, limit: 16 << 20).isEmpty)
        }
    }

    @Test("Documentation/Reference.md says of each command what the program says of itself")
    func commands() throws {
        let program = Project.root.appending("Documentation/reference.py").string
        let outcome = try Project.run("/usr/bin/env", ["python3", program, Project.build.appending("cairn").string])
        let kept = try SmallFile.read(Project.root.appending("Documentation/Reference.md"), limit: 1 << 20)
        #expect(outcome.code == 0 && outcome.output == kept, "\"make interface\" writes it anew\n\(outcome.errorText)")
    }
}

#if compiler(>=6.3) && compiler(<6.4)
    private let isListed = true
#else
    private let isListed = false
#endif
