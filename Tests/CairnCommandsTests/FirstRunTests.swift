import ChildProcess
import Testing

/// What somebody meets who uses the program for the first time, or slips.
@Suite("First run")
struct FirstRunTests {
    @Test("a variable with a slip in its name is warned of, for what it was meant for is not done")
    func strayVariables() throws {
        let stray = [
            "CAIRN_REPOSTORY": "x", "CAIRNREPOSITORY": "x", "CAIRN_PASSWROD": "x", "CAIRN_MEMORY": "1G",
            "CAIRN_OTHER_PROGRAM": "x", "CAIRNGORM": "x",
        ]
        let outcome = try cairn("unlock", environment: stray)
        #expect(outcome.code == 0)
        #expect(
            outcome.errorLines.filter { $0.hasPrefix("warning:") } == [
                "warning: CAIRNREPOSITORY is no variable of cairn, and is not looked at: did you mean CAIRN_REPOSITORY?",
                "warning: CAIRN_MEMORY is not looked at: give --memory",
                "warning: CAIRN_PASSWROD is no variable of cairn, and is not looked at: did you mean CAIRN_PASSWORD?",
                "warning: CAIRN_REPOSTORY is no variable of cairn, and is not looked at: did you mean CAIRN_REPOSITORY?",
            ])
        #expect(try cairn("unlock", environment: ["CAIRN_CACHE_DIR": "/tmp"]).errorText.isEmpty)
    }

    @Test(
        "a ~ that no shell has put a home in for is no folder of that name",
        arguments: [
            ["init", "--repo=~/Q", "--encryption=none"], ["snapshots", "--key-file=~/k"],
            ["restore", "latest", "--target=~/back"], ["snapshot", "~/docs"],
        ])
    func tilde(words: [String]) throws {
        let folder = try TemporaryFolder()
        let outcome = try ChildProcess(cairnPath, words, environment: ["HOME": folder.path]).run()
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("the shell has not put your home in for the ~"), "\(outcome.errorText)")
        #expect(outcome.errorText.contains("a folder of that name is written ./~/"))
    }

    @Test(
        "words of other programs lead to ours",
        arguments: [
            ("delete", "forget"), ("rm", "forget"), ("verify", "check"), ("extract", "restore"), ("log", "snapshots"),
            ("create", "snapshot"), ("status", "stats"), ("passwd", "key passwd"), ("snpashot", "snapshot"),
        ])
    func foreignWords(word: String, command: String) throws {
        let outcome = try cairn(word)
        #expect(outcome.code == 2)
        #expect(outcome.errorText.contains("hint: did you mean \"cairn \(command)\"?"), "\(outcome.errorText)")
        // What is suggested is there.
        #expect(try ChildProcess(cairnPath, ["help"] + command.split(separator: " ").map(String.init)).run().code == 0)
    }

    @Test("the embedded repository is named where a snapshot went into it")
    func embedded() throws {
        let folder = try TemporaryFolder()
        let home = ["HOME": folder.path]
        let note = try folder.file("note", "text\n")
        let first = try cairn("snapshot", "--default-repository", note, environment: home)
        #expect(first.code == 0)
        for outcome in [first, try cairn("snapshot", note, environment: home)] {
            #expect(
                outcome.errorText.contains(
                    " saved in \(folder.path)/.local/share/cairn/repository, which is not encrypted: "),
                "\(outcome.errorText)")
        }
    }

    @Test("a password may be typed three times, nothing at all too; the third that is wrong ends it")
    func tries() throws {
        let folder = try TemporaryFolder()
        let place = "\(folder.path)/r"
        let home = ["HOME": folder.path]
        let made = try cairn(
            "init", "-r", place, environment: home.merging(["CAIRN_PASSWORD": "right"]) { $1 })
        #expect(made.code == 0)
        let child = ChildProcess(cairnPath, ["snapshots", "-r", place], environment: home)
        let question = "password for \(place): "
        let good = try child.runOnTerminal(answers: [(question, "wrong"), ("once more\r\n\(question)", "right")])
        #expect(good.code == 0 && good.outputText.contains("no snapshots"), "\(good.outputText)")
        let bad = try child.runOnTerminal(
            answers: [(question, "a"), ("once more\r\n\(question)", ""), (question, "c")])
        #expect(bad.code == 12)
        #expect(bad.outputText.contains("wrong password for the repository at"), "\(bad.outputText)")
        #expect(!bad.outputText.contains("terminal to ask on"))
    }

    @Test("on a terminal messages are broken between words; elsewhere they are one line")
    func wrapping() throws {
        let words = ["init", "-r", "sftp:somewhere/in/a/place/with/a/rather/long/name"]
        let child = ChildProcess(cairnPath, words, environment: plainEnvironment)
        let plain = try child.run().errorText
        #expect(plain.split(separator: "\n").count == 2)
        let shown = try child.runOnTerminal(answers: []).outputText
        let lines = shown.split(separator: "\r\n").map { line in
            line.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "")
        }
        #expect(lines.count > 2 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        #expect(lines.joined(separator: " ").split(separator: " ") == plain.split { $0 == " " || $0 == "\n" })
    }

    @Test("a quiet run of what changes a repository says nothing where nothing went wrong")
    func quiet() throws {
        let folder = try TemporaryFolder()
        let environment = ["HOME": folder.path, "CAIRN_REPOSITORY": "\(folder.path)/r"]
        let note = try folder.file("note", "text\n")
        for words in [
            ["init", "-q", "--encryption", "none"], ["snapshot", "-q", note], ["snapshot", "-q", note],
            ["forget", "-q", "--keep-last", "1", "--prune"], ["prune", "-q", "--now"], ["check", "-q"],
        ] {
            let outcome = try ChildProcess(cairnPath, words, environment: environment).run()
            #expect(outcome.code == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(words): \(outcome)")
        }
    }

    @Test("what could not be read is told as such, and not as removed")
    func unread() throws {
        let folder = try TemporaryFolder()
        let environment = ["HOME": folder.path, "CAIRN_REPOSITORY": "\(folder.path)/r"]
        #expect(try cairn("init", "--encryption", "none", environment: environment).code == 0)
        for name in ["here", "away"] {
            _ = folder.folder(name)
            for file in 1...3 { _ = try folder.file("\(name)/\(file)", "text \(file)\n") }
        }
        let sources = ["\(folder.path)/here", "\(folder.path)/away"]
        #expect(try cairn("snapshot", "-q", sources[0], sources[1], environment: environment).code == 0)
        #expect(
            try ChildProcess("/bin/sh", ["-c", "rm \(sources[0])/1; mv \(sources[1]) \(sources[1]).not"]).run().code
                == 0)
        let outcome = try cairn("snapshot", sources[0], sources[1], environment: environment)
        #expect(outcome.code == 3)
        #expect(
            outcome.errorText.contains("files:    0 new, 0 changed, 2 unchanged, 1 removed\n"), "\(outcome.errorText)")
    }

    @Test("without HOME the cache is where the machine's accounts say")
    func homeless() throws {
        let folder = try TemporaryFolder()
        let bare = ["CAIRN_REPOSITORY": "\(folder.path)/r"]
        let outcome = try cairn("cache", environment: bare.merging(["HOME": ""]) { $1 })
        let home = String(
            try ChildProcess("/bin/sh", ["-c", "getent passwd $(id -u) | cut -d: -f6"]).run().outputText.dropLast())
        #expect(home.isEmpty || outcome.outputText.contains("\(home)/.cache/cairn"), "\(outcome)")
    }
}
