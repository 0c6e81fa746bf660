import ChildProcess
import Posix
import Storage
import Testing

@testable import CairnCommands

/// What `init` says and leaves behind when it cannot do what it is asked.
@Suite("Making a repository")
struct InitTests {
    @Test("a file in the way of the folder is an error that says so")
    func fileInTheWay() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("file", "x")
        let link = "\(folder.path)/link"
        _ = try ChildProcess("/bin/ln", ["-s", "nothing", link]).run()
        for (place, reason) in [
            (file, "it is there, and is no folder"), ("\(file)/below", "\(file), above it, is no folder"),
            (link, "it is a link that leads to nothing"),
            ("/proc/cairn/r", "the file system of /proc does not let folders be made"),
        ] {
            let outcome = try cairn(
                "init", "-r", place, "--encryption", "none", environment: ["CAIRN_CACHE_DIR": "\(folder.path)/c"])
            #expect(outcome.code == 1)
            #expect(
                outcome.errorLines == [
                    "cairn: cannot make the folder of the repository \(place): \(reason)", "hint: choose another place",
                ])
        }
    }

    @Test("a key file that cannot be made leaves no folder behind, and a repository that is there no key file")
    func keyFileFirst() throws {
        let folder = try TemporaryFolder()
        let environment = ["HOME": folder.path, "CAIRN_CACHE_DIR": "\(folder.path)/c"]
        let (new, old) = ("\(folder.path)/a/new", try folder.file("old", "mine"))
        func make(_ keyFile: String) throws -> ChildOutcome {
            try cairn("init", "-r", new, "--new-key-file", keyFile, environment: environment)
        }
        func names() throws -> String { try ChildProcess("/bin/ls", [folder.path]).run().outputText }
        for keyFile in [old, "\(folder.path)/missing/key", "\(new)/key"] {
            #expect(try make(keyFile).code == 1)
            #expect(try names() == "c\nold\n")
        }
        let missing = try cairn("init", "-r", new, "--key-file", "\(folder.path)/none", environment: environment)
        #expect(missing.code == 12)
        #expect(try names() == "c\nold\n")
        #expect(try ChildProcess("/bin/cat", [old]).run().outputText == "mine")
        let nowhere = try cairn(
            "init", "-r", "\(old)/r", "--new-key-file", "\(folder.path)/key", environment: environment)
        #expect(nowhere.code == 1)
        #expect(try names() == "c\nold\n")
        #expect(try make("\(folder.path)/key").code == 0)
        #expect(try make("\(folder.path)/second").code == 1)
        #expect(try names() == "a\nc\nkey\nold\n")
    }

    @Test("none is made inside the folder of another")
    func inside() throws {
        let folder = try TemporaryFolder()
        func make(_ place: String) throws -> ChildOutcome {
            try cairn(
                "init", "-r", place, "--encryption", "none", environment: ["CAIRN_CACHE_DIR": "\(folder.path)/c"])
        }
        let outer = "\(folder.path)/r"
        #expect(try make(outer).code == 0)
        for inner in ["\(outer)/inner", "\(outer)/packs/a/b"] {
            let outcome = try make(inner)
            #expect(outcome.code == 1)
            #expect(
                outcome.errorLines == [
                    "cairn: \(inner) is inside the folder of another repository, \(outer)",
                    "hint: choose a place beside that",
                ])
        }
        #expect(try make("\(folder.path)/r2").code == 0)
    }

    @Test("a new repository says what opens it and must not get lost; the wrong key is named")
    func keyIsNamed() throws {
        let folder = try TemporaryFolder()
        let (place, key) = ("\(folder.path)/r", "\(folder.path)/key")
        let environment = ["HOME": folder.path, "CAIRN_REPOSITORY": place]
        let made = try cairn("init", "--new-key-file", key, environment: environment)
        #expect(made.code == 0 && made.errorText.hasPrefix("its key is in \(key): keep a copy"), "\(made.errorText)")
        let password = try cairn("snapshots", environment: environment.merging(["CAIRN_PASSWORD": "x"]) { $1 })
        #expect(password.code == 12)
        #expect(password.errorLines.first == "cairn: wrong password for the repository at \(place)")
        let other = try folder.file("other", "cairn-key-1 \(String(repeating: "a", count: 64))\n")
        let wrong = try cairn("snapshots", "--key-file", other, environment: environment)
        #expect(wrong.code == 12)
        #expect(wrong.errorLines.first == "cairn: the key file \(other) opens no key of the repository at \(place)")
        let long = try folder.file("long", String(repeating: "x", count: 10_000))
        let none = try cairn("snapshots", "--key-file", long, environment: environment)
        #expect(none.code == 12 && none.errorLines.first == "cairn: \(long) is not a key file", "\(none.errorText)")
    }

    @Test("what the storage says to do reaches the person, wherever it fails")
    func remedy() {
        let error = StorageError(.denied, location: "/r", name: "", reason: "open: Permission denied")
        let failure = CommandFailure(error as any Error)
        #expect(failure.message == "/r: open: Permission denied" && failure.path == "/r")
        #expect(failure.hint == error.remedy && failure.hint != nil)
    }

    @Test("where a repository is already no password is asked for")
    func occupied() throws {
        let folder = try TemporaryFolder()
        let place = "\(folder.path)/new"
        let environment = ["HOME": folder.path]
        let made = try cairn("init", "-r", place, "--encryption", "none", environment: environment)
        #expect(made.code == 0, "\(made.errorText)")
        for words in [[], ["--password-command", "touch \(folder.path)/asked; echo x"], ["--encryption", "none"]] {
            let child = ChildProcess(cairnPath, ["init", "-r", place, "--json"] + words, environment: environment)
            let outcome = try child.runOnTerminal(answers: [])
            #expect(outcome.code == 1)
            #expect(outcome.outputText.contains("\"kind\":\"already_exists\",\"message\":"))
            #expect(!outcome.outputText.contains("password for"))
        }
        #expect(try ChildProcess("/bin/ls", ["\(folder.path)/asked"]).run().code != 0)
    }

    @Test("a folder that holds nothing but folders is refused too; one that a making left, or a file system, is not")
    func foldersInTheWay() throws {
        let folder = try TemporaryFolder()
        func make(_ place: String) throws -> ChildOutcome {
            try cairn("init", "-r", place, "--encryption", "none", environment: ["HOME": folder.path])
        }
        let strange = folder.folder("strange")
        _ = folder.folder("strange/photos")
        let refused = try make(strange)
        #expect(refused.code == 1)
        #expect(refused.errorLines.first == "cairn: \(strange): the folder is not empty: it holds \"photos\"")
        #expect(refused.errorLines.last == "hint: choose an empty folder, or a new one")
        #expect(try ChildProcess("/bin/ls", [strange]).run().outputText == "photos\n")
        let begun = folder.folder("begun")
        for name in ["lost+found", "tmp", "keys"] { _ = folder.folder("begun/\(name)") }
        #expect(try make(begun).code == 0)
    }

    @Test("a variable whose first line is empty holds no password")
    func emptyVariable() throws {
        for value in ["\n", "\r\n", "\nsecret"] {
            let outcome = try cairn("init", "-r", KeyTests.nowhere, environment: ["CAIRN_PASSWORD": value])
            #expect(outcome.code == 12)
            #expect(outcome.errorLines.first == "cairn: the first line of CAIRN_PASSWORD is empty")
        }
    }

    @Test("a password command is run though the caller ignores the end of its children")
    func ignoredChildren() throws {
        let script = """
            import os, signal, sys
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let words = [cairnPath, "init", "-r", KeyTests.nowhere, "--password-command", "echo secret"]
        let outcome = try ChildProcess(
            "/usr/bin/env", ["python3", "-c", script] + words, environment: plainEnvironment
        ).run()
        #expect(outcome.code == 1 && !outcome.errorText.contains("password command"), "\(outcome.errorText)")
    }
}
