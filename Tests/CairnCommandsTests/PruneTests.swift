import ChildProcess
import ChunkStore
import Crypto
import Glibc
import Posix
import Storage
import Testing

@Suite("Pruning")
struct PruneTests {
    /// A repository with two snapshots of a folder, made by the command itself, of which the first is forgotten.
    private struct Scene {
        let folder: TemporaryFolder
        var location: String { "\(folder.path)/r" }

        init() throws {
            folder = try TemporaryFolder()
            #expect(try run("init", "--encryption", "none").code == 0)
            let source = folder.folder("source")
            try write("\(source)/kept", 50_000)
            try write("\(source)/gone", 90_000)
            #expect(try run("snapshot", "-q", source).code == 0)
            try Folder.remove(Path("\(source)/gone"))
            #expect(try run("snapshot", "-q", source).code == 0)
            let store = try Store.open(LocalDirectory(Path(location)))
            try store.forgetRoot(try #require(try store.roots().roots.first).id)
        }

        private func write(_ path: String, _ count: Int) throws {
            try SmallFile.writeNew(Path(path), (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* $0) >> 7 ^ $0) })
        }

        func run(_ words: String...) throws -> ChildOutcome { try run(words) }

        func run(_ words: [String]) throws -> ChildOutcome {
            let variables = ["HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": location]
            return try ChildProcess(cairnPath, words, environment: variables).run()
        }
    }

    @Test("a forgotten snapshot keeps its space for its time, unless --now; a dry run says so and does nothing")
    func grace() throws {
        let scene = try Scene()
        let early = try scene.run("prune")
        #expect(
            early.code == 0 && early.outputText.contains("1 forgotten snapshot can still come back; it alone needs"))
        #expect(early.outputText.contains("deleted   0 packs"))
        #expect(
            early.outputText.contains(" needed, 0 B not, ")
                && early.outputText.contains(" of directories and padding\n"))
        let rehearsal = try scene.run("prune", "-n", "--now", "--max-unused", "0")
        #expect(
            rehearsal.outputText.contains("1 snapshot would be given up")
                && rehearsal.outputText.contains("would be 1 pack"))
        let outcome = try scene.run("prune", "--now", "--max-unused", "0")
        #expect(outcome.code == 0 && outcome.outputText.contains("1 snapshot given up for good"))
        #expect(outcome.outputText.contains("deleted   1 pack"))
        let again = try scene.run("prune", "--now", "--json")
        #expect(again.outputText.contains("\"deleted\":{\"packs\":0,\"bytes\":0}"))
        let restored = try scene.run("restore", "-q", "--verify", "latest", "--target", "\(scene.folder.path)/target")
        #expect(restored.code == 0, "\(restored.errorText)")
    }

    @Test(
        "what is no file and has a manifest's name is a damaged manifest, and nothing is deleted",
        arguments: ["folder", "pipe", "link"])
    func strangers(kind: String) throws {
        let scene = try Scene()
        let manifests = Path("\(scene.location)/manifests")
        let name = try #require(try Folder.entries(of: manifests).first).name
        let place = manifests.appending(Path(name))
        try Folder.rename(place, to: Path("\(scene.folder.path)/kept"))
        switch kind {
        case "folder": #expect(mkdir(place.plain, 0o700) == 0)
        case "pipe": #expect(mkfifo(place.plain, 0o600) == 0)
        default: #expect(symlink("nowhere", place.plain) == 0)
        }
        for words in [["prune", "--now"], ["check"], ["snapshots"], ["repair"]] {
            let outcome = try scene.run(words)
            #expect(outcome.code == 5, "\(words): \(outcome.code) \(outcome.errorText)")
            let text = outcome.outputText + outcome.errorText
            #expect(text.contains("\(place.plain): ") && text.contains("a \(kind)"), "\(text)")
        }
        if kind == "folder" { #expect(rmdir(place.plain) == 0) } else { try Folder.remove(place) }
        try Folder.rename(Path("\(scene.folder.path)/kept"), to: place)
        #expect(try scene.run("check", "--read-data").code == 0)
    }

    @Test("a second prune says that there is another one, with exit code 11")
    func second() throws {
        let scene = try Scene()
        let storage = try LocalDirectory(Path(scene.location))
        let lock = try #require(try storage.lock("condemned/lock", create: true))
        let outcome = try scene.run("prune")
        #expect(outcome.code == 11 && outcome.errorText.contains("another prune or repair is running"))
        lock.release()
        #expect(try scene.run("prune").code == 0)
    }

    @Test("options that contradict each other, or make no sense, are told")
    func usage() throws {
        let scene = try Scene()
        #expect(try scene.run("prune", "--now", "--keep-forgotten", "7d").code == 2)
        #expect(try scene.run("prune", "--keep-forgotten", "soon").code == 2)
        #expect(try scene.run("prune", "--max-unused", "120%").code == 2)
        #expect(try scene.run("prune", "--max-unused", "unlimited").code == 0)
        #expect(try scene.run("prune", "--keep-forgotten", "0h", "--max-repack", "1G").outputText.contains("given up"))
    }

    @Test("what cannot be read ends it with exit code 5, and nothing is deleted")
    func damage() throws {
        let scene = try Scene()
        let storage = try LocalDirectory(Path(scene.location))
        let packs = try storage.list("packs", recursive: true)
        for pack in packs where pack.name.hasPrefix("packs/t/") {
            try storage.rename(pack.name, to: "tmp/away-\(pack.size)")
        }
        let outcome = try scene.run("prune", "--now")
        #expect(outcome.code == 5 && outcome.errorText.contains("nothing was deleted"), "\(outcome.errorText)")
        #expect(try storage.list("condemned", recursive: true).map(\.name) == ["condemned/lock"])
        #expect(try storage.list("forgotten", recursive: true).count == 1)
    }

    @Test("a manifest read through its second copy is told, and makes the exit code 4")
    func halfDamaged() throws {
        let scene = try Scene()
        let name = try #require(try Folder.entries(of: Path("\(scene.location)/manifests")).first?.name)
        let path = Path("\(scene.location)/manifests/\(String(decoding: name, as: UTF8.self))")
        var bytes = try SmallFile.read(path, limit: 1 << 20)
        bytes[60] ^= 1
        try SmallFile.replace(path, with: bytes)
        for words in [["-n"], ["--json"]] {
            let outcome = try scene.run(["prune"] + words)
            #expect(outcome.code == 4, "\(outcome.errorText)")
            // As JSON has it, its quotes are escaped.
            let told = outcome.errorText.filter { $0 != "\\" }
            #expect(told.contains("1 manifest has one good copy of two left: \"cairn repair\" writes it twice"))
            if words == ["--json"] { #expect(outcome.outputText.contains("\"half_damaged_manifests\":1")) }
        }
        #expect(try scene.run("repair").code == 4)
        #expect(try scene.run("prune").code == 0)
    }

    @Test("where no snapshot is, it is said what is there all the same, and nothing is deleted")
    func none() throws {
        let scene = try Scene()
        #expect(try scene.run("forget", "--allow-last", "latest").code == 0)
        let hidden = try scene.run("snapshots")
        #expect((hidden.outputText + hidden.errorText).contains("2 forgotten: \"cairn snapshots --forgotten\""))
        for folder in ["manifests", "forgotten"] {
            try Folder.rename(Path("\(scene.location)/\(folder)"), to: Path("\(scene.folder.path)/\(folder)"))
        }
        let lost = try scene.run("snapshots")
        #expect(lost.code == 0 && (lost.outputText + lost.errorText).contains("are stored all the same"))
        #expect(try scene.run("check").outputText.contains("cairn repair --recover"))
        for words in [["prune"], ["prune", "-n"]] {
            let refused = try scene.run(words)
            #expect(refused.code == 1 && refused.errorText.contains("there is no snapshot, not even a forgotten one"))
            #expect(refused.errorText.contains("cairn prune --now"))
        }
        #expect(try scene.run("repair", "--recover").outputText.contains("recovered"))
    }

    @Test("one lost chunk is told as one, by a prune and by a repair")
    func one() throws {
        let scene = try Scene()
        let gone = RootReference(kind: .data, id: ChunkID(SHA256.digest([1])))
        try Store.open(LocalDirectory(Path(scene.location))).commit(Array("other".utf8), references: [gone])
        let pruned = try scene.run("prune")
        #expect(pruned.code == 5 && pruned.errorText.contains("1 chunk that snapshots need is in no pack"))
        let repaired = try scene.run("repair")
        for line in [
            "1 chunk that a manifest of another program names is lost", "\n1 chunk was missing: 0 found, 1 lost\n",
        ] { #expect(repaired.code == 5 && repaired.outputText.contains(line), "\(repaired.outputText)") }
    }

    @Test("forget --prune does both, tells programs in one document, and a dry run supposes what would be forgotten")
    func forgetting() throws {
        let scene = try Scene()
        let rehearsal = try scene.run("forget", "-n", "--keep-last", "1", "--allow-last", "--prune", "--now")
        #expect(rehearsal.code == 0 && rehearsal.outputText.contains("would be given up"), "\(rehearsal.errorText)")
        let outcome = try scene.run("forget", "--json", "--keep-last", "1", "--prune", "--now", "--max-unused", "0")
        #expect(outcome.code == 0 && outcome.outputText.split(separator: "\n").count == 1)
        #expect(outcome.outputText.contains("\"prune\":{\"dry_run\":false"))
        #expect(try SchemaCheck.complaints(outcome.output, schema: "forget") == "")
        #expect(try scene.run("forget", "--keep-last", "1", "--now").code == 2)
        let restored = try scene.run("restore", "-q", "--verify", "latest", "--target", "\(scene.folder.path)/target")
        #expect(restored.code == 0, "\(restored.errorText)")
    }
}
