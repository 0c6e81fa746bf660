import ChildProcess
import Posix
import Testing

@testable import CairnCommands

@Suite("cairn repair")
struct RepairCommandTests {
    /// An encrypted repository with a snapshot of a folder, and a copy of it with the same key.
    private struct Scene {
        let folder: TemporaryFolder
        var repository: String { "\(folder.path)/r" }
        var copy: String { "\(folder.path)/copy" }
        var source: String { "\(folder.path)/s" }
        let environment: [String: String]

        init() throws {
            folder = try TemporaryFolder()
            environment = [
                "CAIRN_REPOSITORY": "\(folder.path)/r", "CAIRN_KEY_FILE": "\(folder.path)/k", "HOME": folder.path,
                "PATH": "/usr/bin:/bin",
            ]
            try shell("mkdir s; seq 1 30000 > s/numbers; head -c 300000 /dev/urandom > s/noise")
            let made = try ChildProcess(
                cairnPath, ["init", "--new-key-file", "\(folder.path)/k"],
                environment: environment.filter { $0.key != "CAIRN_KEY_FILE" }
            ).run()
            #expect(made.code == 0, "\(made.errorText)")
            #expect(try run("snapshot", source).code == 0)
            try shell("cp -a r copy")
        }

        func shell(_ script: String) throws {
            let outcome = try ChildProcess(
                "/bin/sh", ["-ec", "cd \(folder.path); \(script)"], environment: environment
            )
            .run()
            #expect(outcome.code == 0, "\(outcome.errorText)")
        }

        @discardableResult
        func run(_ words: String...) throws -> ChildOutcome {
            try ChildProcess(cairnPath, words, environment: environment).run()
        }

        /// Takes all packs away.
        func lose() throws { try shell("rm r/packs/*/*/*; rm -rf .cache") }
    }

    @Test("nothing to do is 0; lost packs are 5, 4 with a copy, and 0 from then on")
    func copy() throws {
        let scene = try Scene()
        let clean = try scene.run("repair")
        #expect(clean.code == 0 && clean.outputText.contains("no damage was found"), "\(clean.errorText)")
        try scene.lose()
        let alone = try scene.run("repair")
        #expect(alone.code == 5 && alone.outputText.contains("--accept-loss"), "\(alone.outputText)\(alone.errorText)")
        let rehearsed = try scene.run(
            "repair", "-n", "--from", scene.copy, "--from-key-file", "\(scene.folder.path)/k")
        #expect(rehearsed.outputText.contains("would heal"), "\(rehearsed.outputText)")
        let repaired = try scene.run("repair", "--from", scene.copy)
        #expect(repaired.code == 4 && repaired.outputText.contains("0 lost"), "\(repaired.outputText)")
        #expect(try scene.run("repair").code == 0)
        #expect(try scene.run("check", "--read-data").code == 0)
        #expect(try scene.run("restore", "latest:\(scene.source)", "--target", "\(scene.folder.path)/t").code == 0)
        try scene.shell("diff -r s t")
    }

    @Test("a copy with another key wants that, and the message says which options give it")
    func otherKey() throws {
        let scene = try Scene()
        let (other, key) = ("\(scene.folder.path)/other", "\(scene.folder.path)/k2")
        let made = try ChildProcess(
            cairnPath, ["init", "-r", other, "--new-key-file", key], environment: ["HOME": scene.folder.path]
        ).run()
        #expect(made.code == 0, "\(made.errorText)")
        let locked = try scene.run("repair", "--from", other)
        #expect(locked.code == 12 && locked.errorText.contains("has another key than the one to repair"))
        #expect(locked.errorLines.last?.contains("--from-key-file") == true, "\(locked.errorText)")
        let wrong = try scene.run("repair", "--from", other, "--from-key-file", "\(scene.folder.path)/k")
        #expect(wrong.code == 12 && wrong.errorText.contains("the key file \(scene.folder.path)/k opens no key"))
        #expect(try scene.run("repair", "--from", other, "--from-key-file", key).code == 0)
        let nowhere = try scene.run("repair", "--from", "\(scene.folder.path)/nowhere")
        #expect(nowhere.code == 10 && !nowhere.errorText.contains("cairn init"), "\(nowhere.errorText)")
    }

    @Test("JSON of every kind of line is as the schema says")
    func json() throws {
        let scene = try Scene()
        try scene.shell("rm r/manifests/*")
        let recovered = try scene.run("repair", "--recover", "--json")
        #expect(recovered.code == 0 && recovered.outputText.contains("\"recovered\""), "\(recovered.errorText)")
        #expect(try SchemaCheck.complaints(recovered.output, schema: "repair", lines: true) == "")
        try scene.lose()
        for words in [
            ["-n"], ["--rescan", "\(scene.folder.path)/nowhere"], ["-n", "--accept-loss"], ["--accept-loss"], [],
        ] {
            let outcome = try ChildProcess(cairnPath, ["repair", "--json"] + words, environment: scene.environment)
                .run()
            #expect(try SchemaCheck.complaints(outcome.output, schema: "repair", lines: true) == "", "\(words)")
            let code: Int32 = words.isEmpty ? 0 : words.contains("--accept-loss") ? 4 : 5
            #expect(outcome.code == code, "\(words): \(outcome.outputText)")
        }
    }

    @Test("beside a prune or another repair it ends at once with exit code 11")
    func busy() throws {
        let scene = try Scene()
        try scene.shell("mkdir -p r/condemned; : > r/condemned/lock")
        let lock = try FileDescriptor.open(Path("\(scene.repository)/condemned/lock"), .readWrite)
        #expect(try lock.tryLock())
        let outcome = try scene.run("repair")
        #expect(outcome.code == 11 && outcome.errorText.contains("another prune or repair is running"))
    }

    @Test("what does not go together is a usage error, and no repository is 10")
    func usage() throws {
        let scene = try Scene()
        #expect(try scene.run("repair", "--accept-loss", "--no-read-data").code == 2)
        #expect(try scene.run("repair", "--from-key-file", "\(scene.folder.path)/k").code == 2)
        let two = try scene.run(
            "repair", "--from", scene.copy, "--from-key-file", "x", "--from-password-file", "y")
        #expect(two.code == 2 && two.errorText.contains("give one"), "\(two.errorText)")
        #expect(try scene.run("repair", "--from", "\(scene.folder.path)/nowhere").code == 10)
        #expect(try scene.run("repair", "-r", "\(scene.folder.path)/nowhere").code == 10)
    }
}
