// What the library makes of folders, the independent reader restores, and proves: by rsync, by a comparison of its own, by Merkle roots
// that it computes from the stored tree and from the disk alone.
import ChildProcess
import ChunkStore
import Crypto
import Glibc
import Independent
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite(
    "Agreement on trees", .serialized,
    .enabled(if: IndependentReader.isExpected, Comment(rawValue: IndependentReader.isMissing)))
struct TreeAgreementTests {
    private let isRoot = geteuid() == 0

    /// Takes a snapshot of these paths; failures must not be.
    private func snapshot(_ paths: [Path], into sample: Sample) throws -> Snapshot {
        let session = try sample.store.write(for: "test")
        defer { session.close() }
        let reader = try sample.store.reader()
        defer { reader.close() }
        let failures = Monitor<[String]>([])
        let sources = try SourcePaths(paths)
        let scan = TreeScan(
            TreeScan.Request(sources: sources), session: session, reader: reader, journal: nil,
            progress: OperationProgress(),
            cancellation: Cancellation()
        ) { failure in failures.withLock { $0.append("\(failure.path): \(failure.message)") } }
        let result = try scan.run()
        #expect(failures.withLock { $0 } == [])
        return try session.commit(
            Manifest(
                snapshotID: .random(), time: .now(), strategy: .full, rootHash: result.merkleRoot, tree: result.root,
                paths: sources.paths, hostname: "amber", username: "ada", engineVersion: "test"))
    }

    /// The reader's answer; it must have no complaint.
    private func answer(_ sample: Sample, _ command: String, _ words: String...) throws -> String {
        let outcome: ChildOutcome
        switch words.count {
        case 0: outcome = try sample.reader.run(command)
        case 1: outcome = try sample.reader.run(command, words[0])
        default: outcome = try sample.reader.run(command, words[0], words[1])
        }
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errorText)")
        return outcome.outputText
    }

    /// Restores a snapshot with the reader, and expects each of its sources to be there as it is on the disk.
    private func expectRestored(
        _ snapshot: Snapshot, _ sample: Sample, to target: Path, _ aspects: TreeFacts.Aspects = .all
    ) throws {
        let root = snapshot.manifest.rootHash.hex
        #expect(try answer(sample, "restore", snapshot.manifest.snapshotID.description, target.string).isEmpty)
        #expect(try answer(sample, "merkle-tree", snapshot.manifest.snapshotID.description) == root + "\n")
        var restored: [Path] = []
        for source in snapshot.manifest.paths {
            let copy = Path(target.bytes + source.bytes)
            restored.append(copy)
            let differences = try TreeFacts.compare(source, copy, aspects)
            #expect(differences == [], "\(differences)")
        }
        #expect(try IndependentReader.merkle(snapshot.manifest.paths) == root)
        #expect(try IndependentReader.merkle(restored) == root)
    }

    @Test("a torture tree comes back by the reader whole", arguments: [Lock.none, .keyFile])
    func torture(_ lock: Lock) throws {
        let sample = try Sample(lock)
        let folder = try TemporaryFolder(onDisk: lock == .none)
        let source = folder.path.appending("source")
        try Folder.make(source)
        _ = try TortureTree.make(in: source, asRoot: isRoot)
        let snapshot = try snapshot([source], into: sample)
        let target = folder.path.appending("target")
        try expectRestored(snapshot, sample, to: target)
    }

    @Test("rsync sees no difference between a torture tree and what the reader restored")
    func rsync() throws {
        let sample = try Sample(.keyFile)
        let folder = try TemporaryFolder(onDisk: true)
        let source = folder.path.appending("source")
        try Folder.make(source)
        _ = try TortureTree.make(in: source, asRoot: isRoot, includingDeepPath: false)
        let snapshot = try snapshot([source], into: sample)
        let target = folder.path.appending("target")
        _ = try answer(sample, "restore", snapshot.manifest.snapshotID.description, target.string)
        guard let program = ChildProcess.find("rsync") else { return }
        let options = isRoot ? "-aHAXn" : "-aHn"
        let restored = target.string + source.string
        let outcome = try ChildProcess(
            program, [options, "--checksum", "--delete", "-i", source.string + "/", restored + "/"]
        ).run()
        #expect(outcome.code == 0 && outcome.outputText == "", "\(outcome.outputText)\(outcome.errorText)")
    }

    @Test("several sources, one a file, hard links between them, and a name that is no text")
    func sources() throws {
        let sample = try Sample(.keyFile)
        let folder = try TemporaryFolder()
        let odd = folder.path.appending(Path([0x6F, 0xFF, 0x0A]))
        let paths = [folder.path.appending("b/deep"), folder.path.appending("a"), odd, folder.path.appending("file")]
        try Folder.make(folder.path.appending("b"))
        for path in paths.dropLast() { try Folder.make(path) }
        try SmallFile.writeNew(paths[3], Array("a source".utf8))
        try SmallFile.writeNew(paths[0].appending("x"), Array("linked".utf8))
        let parent = try FileDescriptor.open(folder.path, [.read, .folder])
        let a = try parent.open("a", [.read, .folder])
        let deep = try FileDescriptor.open(paths[0], [.read, .folder])
        try a.makeHardLink("z", to: "x", in: deep)
        try a.makeHardLink("y", to: "file", in: parent)
        try parent.open(Path(odd.lastComponent), [.read, .folder]).makeHardLink(Path([0xFE]), to: "file", in: parent)
        // One that is linked to what is no part of the snapshot.
        try parent.makeHardLink("outside", to: "file", in: parent)
        try SmallFile.writeNew(folder.path.appending("alone"), [1])
        try a.makeHardLink("alone", to: "alone", in: parent)
        let snapshot = try snapshot(paths, into: sample)
        #expect(snapshot.manifest.paths.count == 4)
        let target = folder.path.appending("target")
        // The file is compared by its digest in the Merkle root; the comparison of folders has none for it.
        let root = snapshot.manifest.rootHash.hex
        _ = try answer(sample, "restore", snapshot.manifest.snapshotID.description, target.string)
        let copies = snapshot.manifest.paths.map { Path(target.bytes + $0.bytes) }
        #expect(try IndependentReader.merkle(copies) == root)
        #expect(try IndependentReader.merkle(paths + [paths[1].appending("../a//z")]) == root)
        #expect(try answer(sample, "merkle-tree", snapshot.manifest.snapshotID.description) == root + "\n")
        let listed = try answer(sample, "snapshots")
        #expect(listed.contains("%FF%0A\n") && listed.contains("  root \(root)\n"))
        // Without one of its links it is another tree.
        try a.remove("y")
        #expect(try IndependentReader.merkle(paths) != root)
    }

    @Test("large files, large directories and long lists of holes come back", arguments: [false, true])
    func large(_ onDisk: Bool) throws {
        let sample = try Sample(.keyFile)
        let folder = try TemporaryFolder(onDisk: onDisk)
        let source = folder.path.appending("source")
        try Folder.make(source)
        var random = SplitMix64(seed: 5)
        // More chunks than an entry names itself, so that there are lists.
        try SmallFile.writeNew(source.appending("large"), random.bytes(8 << 20))
        let comb = try FileDescriptor.open(source.appending("comb"), [.write, .create])
        for number in 0..<4_500 {
            try [UInt8](repeating: 1, count: 4_096).withUnsafeBytesThrowing { raw throws(PosixError) in
                try comb.write(all: raw, at: UInt64(number) * 8_192)
            }
        }
        try comb.truncate(to: 4_500 * 8_192)
        try Folder.make(source.appending("many"))
        for number in 0..<4_000 {
            let file = try FileDescriptor.open(
                source.appending("many/a name of some length \(number)"), [.write, .create])
            try Array("\(number)".utf8).withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
        }
        let snapshot = try snapshot([source], into: sample)
        try expectRestored(snapshot, sample, to: folder.path.appending("target"))
        let lines = try answer(sample, "ls", snapshot.manifest.snapshotID.description).split(separator: "\n")
        #expect(lines.filter { $0.contains("/many/a name") }.count == 4_000)
        #expect(try answer(sample, "verify").contains("1 roots"))
    }
}
