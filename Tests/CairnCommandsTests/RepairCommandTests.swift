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

    @Test(
        "a pack with losses is replaced, not healed; what is given up is called so; the list comes first, its hint once"
    )
    func wording() throws {
        let scene = try Scene()
        try scene.shell("for n in 1 2 3; do head -c 9000 /dev/urandom > s/f$n; done")
        #expect(try scene.run("snapshot", scene.source).code == 0)
        try scene.shell(
            """
            for pack in $(find r/packs -type f -size +200k); do
                head -c 100000 /dev/zero | dd of=$pack bs=1000 seek=60 conv=notrunc 2>/dev/null
            done
            """)
        let rehearsed = try scene.run("repair", "-n")
        #expect(rehearsed.code == 5 && rehearsed.outputText.contains("would replace: "), "\(rehearsed.outputText)")
        let repaired = try scene.run("repair")
        let lines = repaired.outputText.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("replaced: ") && $0.contains(" lost so far") }, "\(repaired.outputText)")
        #expect(!lines.contains { $0.hasPrefix("healed: ") }, "\(repaired.outputText)")
        let (list, damage) = (
            lines.lastIndex { $0.contains(scene.source) }, lines.firstIndex { $0.hasPrefix("damage: ") }
        )
        #expect(try #require(list) < #require(damage), "\(repaired.outputText)")
        #expect(lines.count { $0.contains("--accept-loss") } == 1 && lines.contains { $0.contains("--rescan") })
        let rescanned = try scene.run("repair", "--rescan", "\(scene.folder.path)/k")
        #expect(rescanned.code == 5 && !rescanned.outputText.contains("--rescan"), "\(rescanned.outputText)")
        // What is read by now lies among what was condemned, and is named there; each pack once.
        let restored = try scene.run("restore", "latest", "--target", "\(scene.folder.path)/t")
        let packs = restored.errorLines.filter { $0.hasPrefix("error: ") }
        #expect(restored.code == 5 && !packs.isEmpty && packs.allSatisfy { $0.contains("/condemned/") }, "\(packs)")
        #expect(
            restored.errorLines.contains { $0.hasPrefix("lost: ") && $0.hasSuffix("/noise") }, "\(restored.errorText)")
        let accepted = try scene.run("repair", "--accept-loss")
        #expect(accepted.code == 4 && accepted.outputText.contains("\ngiven up: "))
        #expect(accepted.outputText.hasSuffix(" findings: 0 healed, 2 given up\n"), "\(accepted.outputText)")
        let checked = try scene.run("check")
        #expect(checked.outputText.contains("checked 2 snapshots, 2 replaced manifests, "), "\(checked.outputText)")
        let held = try scene.run("prune", "-n")
        #expect(
            held.outputText.contains("grace     2 manifests that others have replaced are kept"), "\(held.outputText)")
        let ended = try scene.run("prune", "-n", "--now")
        #expect(ended.outputText.contains("replaced  2 manifests would be given up for good"), "\(ended.outputText)")
        let incomplete = try scene.run("restore", "latest", "--target", "\(scene.folder.path)/t2")
        #expect(
            incomplete.errorText.contains(" is incomplete: ") && incomplete.errorText.contains("(\"cairn manifest "))
        let compared = try scene.run("diff", "latest~1", "latest")
        #expect(compared.code == 0 && compared.errorText.contains(", which is incomplete, may be shown as removed"))
    }

    @Test("where a tree is lost, what was missing is a least number, and live files are no remedy")
    func lostTree() throws {
        let scene = try Scene()
        try scene.lose()
        let outcome = try scene.run("repair")
        #expect(
            outcome.outputText.contains("\nat least 1 chunk was missing: 0 found, 1 lost; "), "\(outcome.outputText)")
        #expect(!outcome.outputText.contains("--rescan"), "\(outcome.outputText)")
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
