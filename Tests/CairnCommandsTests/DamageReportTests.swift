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
            #expect(lines.count == 1 && lines[0].contains("one of the two copies of the manifest is damaged"))
            #expect(lines.first?.contains("look after the disk; a change of the snapshot's tags") == true, "\(lines)")
        }
        // What the warning says helps.
        #expect(try scene.run("tag", "--add", "z", "a1").code == 4)
        let after = try scene.run("snapshots")
        #expect(after.code == 0 && !after.errorText.contains("warning"), "\(after.errorText)")
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

    @Test("a config that came back from a key makes the exit code 4 once, a key read through its second copy each time")
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
        let recovered = try run("snapshots")
        #expect(recovered.code == 4 && recovered.errorText.contains("written anew"), "\(recovered.errorText)")
        #expect(try run("snapshots").code == 0)

        let name = try #require(try Folder.entries(of: Path("\(repository)/keys")).first?.name)
        let slot = "\(repository)/keys/\(String(decoding: name, as: UTF8.self))"
        try spoil(slot)
        let half = try run("snapshots")
        #expect(half.code == 4 && half.errorText.contains(slot), "\(half.errorText)")
        #expect(half.errorText.contains("replace the key by a new one"))
        // What the warning says helps.
        #expect(try run("key", "passwd", "--new-key-file", "\(folder.path)/k2").code == 4)
        #expect(try cairn("snapshots", "--key-file", "\(folder.path)/k2", environment: environment).code == 0)
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
