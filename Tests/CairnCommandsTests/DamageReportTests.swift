import ChildProcess
import ChunkStore
import Posix
import Testing

@testable import CairnCommands

@Suite("Damage that a run meets beside its work")
struct DamageReportTests {
    /// Changes a byte in one copy of a record, or in both.
    private func spoil(_ path: String, bothCopies: Bool = false) throws {
        var bytes = try SmallFile.read(Path(path), limit: 1 << 20)
        for start in bothCopies ? [0, bytes.count / 2] : [0] { bytes[start + 60] ^= 1 }
        try SmallFile.replace(Path(path), with: bytes)
    }

    /// What a line says that tells of a file with one good copy.
    private func tellsOfRepair(_ line: String?, of what: String, at path: String) -> Bool {
        // As JSON has it, its quotes are escaped.
        line?.filter { $0 != "\\" }.contains(
            "\(path): one of the two copies of \(what) is damaged; the other one serves (look after the disk; "
                + "\"cairn repair\" writes the good copy twice)") == true
    }

    private func manifests(_ scene: SnapshotScene) throws -> [String] {
        try scene.store.roots().roots.map { "\(scene.location)/manifests/\($0.id)" }
    }

    @Test("a manifest read through its second copy is named once, with what to do, and makes the exit code 4")
    func manifest() throws {
        let scene = try SnapshotsTests.scene()
        let path = try manifests(scene)[0]
        try spoil(path)
        for words in [["snapshots"], ["snapshots", "--json"], ["tag", "--add", "z", "b2"]] {
            let outcome = try ChildProcess(
                cairnPath, words + ["-r", scene.location], environment: ["HOME": scene.folder.path, "TZ": "UTC0"]
            ).run()
            let lines = outcome.errorLines.filter { $0.contains(path) }
            #expect(outcome.code == 4, "\(words) \(outcome.errorText)")
            #expect(lines.count == 1 && tellsOfRepair(lines.first, of: "the manifest", at: path), "\(lines)")
        }
        // What the warning says helps, though the snapshots have no trees here.
        #expect(try scene.run("repair").outputText.contains("one of the manifest's two copies was damaged"))
        let after = try scene.run("snapshots")
        #expect(after.code == 0 && !after.errorText.contains("warning"), "\(after.errorText)")
    }

    @Test("a forgotten manifest read through its second copy is named, and what the warning says helps")
    func forgotten() throws {
        let scene = try SnapshotsTests.scene()
        #expect(try scene.run("forget", "--allow-last", "a1").code == 0)
        let folder = "\(scene.location)/forgotten"
        let name = try #require(try Folder.entries(of: Path(folder)).first?.name)
        let path = "\(folder)/\(String(decoding: name, as: UTF8.self))"
        try spoil(path)
        let half = try scene.run("snapshots", "--forgotten")
        let lines = half.errorLines.filter { $0.contains(path) }
        #expect(half.code == 4 && lines.count == 1, "\(half.errorText)")
        #expect(tellsOfRepair(lines.first, of: "a forgotten manifest", at: path), "\(lines)")
        #expect(try scene.run("repair").outputText.contains("one of the manifest's two copies was damaged"))
        #expect(try scene.run("snapshots", "--forgotten").code == 0)
    }

    @Test("a manifest that nothing can read makes the exit code 5, also of a snapshot, and beside one that was healed")
    func lost() throws {
        let scene = try SnapshotsTests.scene()
        let paths = try manifests(scene)
        try spoil(paths[0])
        let source = try scene.folder.file("source", "1")
        let first = try scene.run("snapshot", "--memory", "64M", source)
        #expect(first.code == 4 && first.errorText.contains(paths[0]), "\(first.errorText)")
        try spoil(paths[1], bothCopies: true)
        let second = try scene.run("snapshot", "--memory", "64M", source)
        #expect(second.code == 5 && second.errorText.contains(paths[1]), "\(second.errorText)")
        #expect(second.errorText.contains("saved"))
    }

    @Test(
        "a config that came back from a key makes the exit code 4 once, a record read through its second copy each time"
    )
    func configAndKey() throws {
        let folder = try TemporaryFolder()
        let (repository, key) = ("\(folder.path)/r", "\(folder.path)/k")
        let environment = ["CAIRN_REPOSITORY": repository, "HOME": folder.path]
        #expect(try cairn("init", "--new-key-file", key, environment: environment).code == 0)
        func run(_ words: String...) throws -> ChildOutcome {
            try ChildProcess(
                cairnPath, words, environment: environment.merging(["CAIRN_KEY_FILE": key]) { $1 }
            ).run()
        }
        try spoil("\(repository)/config", bothCopies: true)
        let spoilt = try SmallFile.read(Path("\(repository)/config"), limit: 1 << 20)
        for words in [["prune", "-n"], ["forget", "-n", "--keep-last", "1"], ["snapshot", "-n", key]] {
            let outcome = try ChildProcess(
                cairnPath, words, environment: environment.merging(["CAIRN_KEY_FILE": key]) { $1 }
            ).run()
            #expect(outcome.errorText.contains("was taken from a key file"), "\(words) \(outcome.errorText)")
            #expect(try SmallFile.read(Path("\(repository)/config"), limit: 1 << 20) == spoilt, "\(words)")
        }
        let recovered = try run("snapshots")
        #expect(recovered.code == 4 && recovered.errorText.contains("written anew"), "\(recovered.errorText)")
        #expect(try run("snapshots").code == 0)

        let name = try #require(try Folder.entries(of: Path("\(repository)/keys")).first?.name)
        let slot = "\(repository)/keys/\(String(decoding: name, as: UTF8.self))"
        for (what, path) in [("the key", slot), ("the config", "\(repository)/config")] {
            try spoil(path)
            for _ in 0..<2 {
                let half = try run("snapshots")
                #expect(half.code == 4, "\(half.errorText)")
                let lines = half.errorLines.filter { $0.contains(path) }
                #expect(lines.count == 1 && tellsOfRepair(lines.first, of: what, at: path), "\(half.errorText)")
            }
            // What the warning says helps.
            #expect(try run("repair").code == 4)
            #expect(try run("snapshots").code == 0)
        }
    }

    @Test("a damaged key makes the exit code 5 until it is removed")
    func damagedKey() throws {
        let folder = try TemporaryFolder()
        let (repository, key) = ("\(folder.path)/r", "\(folder.path)/k")
        let environment = ["CAIRN_REPOSITORY": repository, "HOME": folder.path, "CAIRN_KEY_FILE": key]
        #expect(
            try cairn(
                "init", "--new-key-file", key, environment: ["CAIRN_REPOSITORY": repository, "HOME": folder.path]
            ).code == 0)
        let added = try cairn("key", "add", "--new-key-file", "\(folder.path)/k2", "--json", environment: environment)
        let id = try #require(SnapshotCommandTests.field("id", added.outputText))
        let digits = id.filter { $0 != "\"" }
        try spoil("\(repository)/keys/\(digits)", bothCopies: true)
        let listed = try cairn("snapshots", environment: environment)
        #expect(listed.code == 5 && listed.errorText.contains(digits), "\(listed.errorText)")
        #expect(try cairn("key", "remove", digits, environment: environment).code == 4)
        #expect(try cairn("snapshots", environment: environment).code == 0)
    }

    @Test("of several exit codes 5 counts before 1, then 4, then 3; what ended a run early stays")
    func weights() {
        let order: [ExitCode] = [.damaged, .failed, .healed, .incomplete, .done]
        for (index, code) in order.enumerated() {
            for lighter in order[index...] {
                #expect(code.combined(with: lighter) == code && lighter.combined(with: code) == code)
            }
        }
        for code in ExitCode.allCases where !order.contains(code) { #expect(code.combined(with: .damaged) == code) }
    }
}
