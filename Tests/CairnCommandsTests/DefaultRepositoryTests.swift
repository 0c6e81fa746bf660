import ChildProcess
import ChunkStore
import CommandLine
import Glibc
import Posix
import Testing

@testable import CairnCommands

/// The embedded default repository, made on first use.
@Suite("The default repository")
struct DefaultRepositoryTests {
    /// A user with folders of their own, and what is said to them.
    final class User {
        let folder: TemporaryFolder
        let environment: Environment
        let notes: Int32

        init() throws {
            folder = try TemporaryFolder()
            environment = Environment([
                "XDG_DATA_HOME": ArgumentValue("\(folder.path)/data"),
                "XDG_CACHE_HOME": ArgumentValue("\(folder.path)/cache"),
            ])
            notes = Glibc.open("\(folder.path)/notes", O_RDWR | O_CREAT | O_APPEND, 0o600)
        }

        deinit { close(notes) }

        var path: Path { Path("\(folder.path)/data/cairn/repository") }

        func said() throws -> String {
            String(decoding: try SmallFile.read(Path("\(folder.path)/notes"), limit: 1 << 16), as: UTF8.self)
        }

        func context(_ words: [ArgumentValue] = [], screen: Screen? = nil) throws -> CommandContext {
            let request = try CairnProgram.program.parse(words + ["version"], environment: environment)
            guard case .run(let invocation) = request else { throw ChildFailure(reason: "no command") }
            let errors = screen?.stream ?? StandardStream(descriptor: notes)
            let console = Console(
                environment: environment, output: StandardStream(descriptor: notes), errors: errors)
            return try CommandContext(globals: invocation.globals, environment: environment, console: console)
        }

        func open(_ context: CommandContext, isAllowed: Bool) throws -> Store {
            try RepositoryAccess.openOrMakeDefault(
                try RepositoryLocation.resolve(context), context, isAllowed: isAllowed)
        }
    }

    @Test("a script without a repository gets exit code 10 and the hint, and nothing is made")
    func script() throws {
        let user = try User()
        let failure = #expect(throws: CommandFailure.self) { try user.open(user.context(), isAllowed: false) }
        #expect(failure?.code == .noRepository && failure?.path == user.path)
        #expect(failure?.hint?.contains("--default-repository") == true)
        #expect(access("\(user.folder.path)/data", F_OK) != 0)
    }

    @Test("where it is allowed it is made, private and not encrypted, says so in one line, and is used from then on")
    func allowed() throws {
        let user = try User()
        let store = try user.open(user.context(), isAllowed: true)
        #expect(store.encryption == .none && Path(store.location) == user.path)
        #expect(try Folder.status(user.path).mode & 0o777 == 0o700)
        let line = """
            made a private repository, not encrypted, at \(user.path.string); for an encrypted one elsewhere: \
            cairn init -r LOCATION

            """
        #expect(try user.said() == line)
        #expect(try user.open(user.context(), isAllowed: false).id == store.id)
        #expect(try user.open(user.context(), isAllowed: true).id == store.id)
        #expect(try user.said() == line)
    }

    @Test("for a person at a terminal it is made unasked, but not where the line about it would not be read")
    func terminal() throws {
        let user = try User()
        let screen = try Screen(columns: 200)
        for words: [ArgumentValue] in [["-q"], ["--json"]] {
            #expect(throws: CommandFailure.self) {
                try user.open(user.context(words, screen: screen), isAllowed: false)
            }
        }
        _ = try user.open(user.context(screen: screen), isAllowed: false)
        #expect(screen.text().first?.hasPrefix("made a private repository, not encrypted, at ") == true)
    }

    @Test("a repository that was named is never made")
    func named() throws {
        let user = try User()
        let place = "\(user.folder.path)/named"
        let context = try user.context(["-r", ArgumentValue(place)])
        let failure = #expect(throws: CommandFailure.self) { try user.open(context, isAllowed: true) }
        #expect(failure?.code == .noRepository && access(place, F_OK) != 0)
    }

    @Test("of several processes that make it at once one does, and all use it")
    func race() throws {
        let user = try User()
        let ids = Monitor<[String]>([])
        let contexts = try (0..<8).map { _ in try user.context() }
        let location = try RepositoryLocation.resolve(contexts[0])
        let threads = try contexts.map { context in
            try Thread("maker") {
                let store = try? RepositoryAccess.openOrMakeDefault(location, context, isAllowed: true)
                ids.withLock { $0.append(store?.id.description ?? "none") }
            }
        }
        for thread in threads { thread.join() }
        let all = ids.withLock { $0 }
        #expect(all.count == 8 && Set(all).count == 1 && !all.contains("none"), "\(all)")
        #expect(try user.said().split(separator: "\n").count == 1)
    }

    @Test("a folder that is there already becomes private; one that holds something else is left alone")
    func folderThere() throws {
        let user = try User()
        try Folder.makeAll(user.path, mode: 0o755)
        chmod(user.path.string, 0o755)
        _ = try user.open(user.context(), isAllowed: true)
        #expect(try Folder.status(user.path).mode & 0o777 == 0o700)

        let other = try User()
        try Folder.makeAll(other.path.appending("photos"), mode: 0o755)
        let error = #expect(throws: StoreError.self) { try other.open(other.context(), isAllowed: true) }
        #expect(error?.code == .alreadyExists && error?.message.contains("photos") == true)
    }

    @Test("a data folder that is not absolute is ignored, as its specification wants")
    func relative() {
        func data(_ variables: [String: ArgumentValue]) -> Path? { UserFolders.data(Environment(variables)) }
        #expect(data(["HOME": "/h", "XDG_DATA_HOME": "relative"]) == "/h/.local/share/cairn")
        #expect(data(["HOME": "/h", "XDG_DATA_HOME": "/d"]) == "/d/cairn")
        #expect(data(["HOME": "h", "XDG_DATA_HOME": "d"]) == nil)
    }
}
