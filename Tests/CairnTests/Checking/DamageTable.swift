import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

/// One way in which a repository can be hurt, and what is to be said of it. What prune and repair do then is in ``PruneCase`` and ``RepairCase``.
struct DamageCase: CustomTestStringConvertible, Sendable {
    /// What is wrong.
    let name: String
    /// Makes it wrong.
    let hurt: @Sendable (CheckScene) throws -> Void
    /// What `check` says, and its exit code.
    let structure: CheckScene.Answer
    /// The same with `--read-data`; nil where it is the same.
    let data: CheckScene.Answer?
    /// Which repositories it is tried on: encrypted ones, plain ones, or both.
    let encrypted: [Bool]

    var testDescription: String { name }

    init(
        _ name: String, encrypted: [Bool] = [false, true], _ hurt: @escaping @Sendable (CheckScene) throws -> Void,
        says structure: CheckScene.Answer, withData data: CheckScene.Answer? = nil
    ) {
        self.name = name
        self.hurt = hurt
        self.structure = structure
        self.data = data
        self.encrypted = encrypted
    }
}

extension CheckScene.Answer {
    static let clean = Self(code: 0)
    static func note(_ finding: String) -> Self { Self(findings: [finding], code: 0) }
    static func mended(_ findings: Set<String>) -> Self { Self(findings: findings, code: 4) }
    static func damage(_ findings: Set<String>, _ touched: Set<String> = []) -> Self {
        Self(findings: findings, touched: touched, code: 5)
    }
}

extension DamageCase {
    /// All that is lost when the pack of the first snapshot is: the second one's `d` is in it.
    private static let withFirst: Set<String> = ["a1://", "b2:/d/"]

    static let table: [DamageCase] = [
        DamageCase("nothing is wrong", { _ in }, says: .clean),

        // Packs.
        DamageCase(
            "a pack is missing", { try $0.remove($0.packs[0]) },
            says: .damage(["missing damage"], withFirst)),
        DamageCase(
            "a pack ends too early", { scene in try scene.change(scene.packs[0]) { $0.removeLast(100) } },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "a pack is empty", { try $0.write($0.packs[0], []) },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "two packs have each other's name", { try $0.exchange($0.packs[0], $0.packs[1]) },
            says: .clean, withData: .damage(["pack damage"])),
        DamageCase(
            "a pack has another repository's content", encrypted: [true],
            { scene in
                let other = try CheckScene(encrypted: true)
                try scene.write(scene.packs[1], try other.read(other.packs[1]))
            }, says: .damage(["pack damage", "missing damage"], ["b2://"])),
        DamageCase(
            "a bit of a pack's magic is flipped", { try $0.flip($0.packs[0], at: 3) },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "a bit of a pack's salt is flipped", { try $0.flip($0.packs[0], at: 20) },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "a bit of a block of data is flipped", encrypted: [true], { try $0.flip($0.packs[0], at: 60) },
            says: .clean,
            withData: .damage(
                ["pack damage", "block damage"],
                ["a1:/d/same", "a1:/d/two", "a1:/one", "b2:/d/same", "b2:/d/two"])),
        DamageCase(
            "a bit of a block that was not compressed is flipped", encrypted: [false],
            { try $0.flip($0.packs[0], at: 60) },
            says: .clean, withData: .damage(["pack damage", "chunk damage"], ["a1:/d/same", "b2:/d/same"])),
        DamageCase(
            "a bit of a pack's directory is flipped", { try $0.flip($0.packs[0], at: -60) },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "a bit of a pack's trailer is flipped", { try $0.flip($0.packs[0], at: -38) },
            says: .damage(["pack damage", "missing damage"], withFirst)),
        DamageCase(
            "a file lies among the packs that is none", { try $0.write("packs/d/README", [1]) },
            says: .note("foreign note")),
        DamageCase(
            "a pack is needed by nobody",
            { scene in
                let session = try scene.repository.open().write(for: "test")
                try session.put(Array("needed by nobody".utf8))
                try session.flush()
                session.close()
            }, says: .clean),

        // Records.
        DamageCase(
            "one copy of a manifest is damaged", { try $0.flip($0.manifest($0.first), at: 200) },
            says: .mended(["manifest reduced"])),
        DamageCase(
            "both copies of a manifest are damaged",
            { scene in
                try scene.change(scene.manifest(scene.first)) { bytes in
                    bytes[200] ^= 1
                    bytes[bytes.count / 2 + 200] ^= 1
                }
            }, says: .damage(["manifest damage"])),
        DamageCase(
            "a manifest is cut in half",
            { scene in try scene.change(scene.manifest(scene.first)) { $0.removeLast($0.count / 2) } },
            says: .mended(["manifest reduced"])),
        DamageCase(
            "a bit behind a manifest's checksum is flipped", { try $0.flip($0.manifest($0.first), at: -1) },
            says: .mended(["manifest reduced"])),
        DamageCase(
            "two manifests have each other's name",
            { try $0.exchange($0.manifest($0.first), $0.manifest($0.second)) }, says: .damage(["manifest damage"])),
        DamageCase(
            "a manifest stands under a name that is not its own",
            { scene in
                try Folder.rename(
                    scene.path(scene.manifest(scene.first)),
                    to: scene.path("manifests/\(String(repeating: "ab", count: 32))"))
            }, says: .damage(["manifest damage"])),
        DamageCase(
            "a forgotten manifest has a name that is not its own",
            { scene in
                try scene.repository.open().forgetRoot(scene.first.manifestID)
                try scene.rename(
                    "forgotten/", to: "forgotten/\(Machine.seconds)-\(String(repeating: "ab", count: 32))")
            }, says: .damage(["manifest damage"])),
        DamageCase(
            "both copies of a forgotten manifest are damaged",
            { scene in
                try scene.repository.open().forgetRoot(scene.first.manifestID)
                let name = "forgotten/1790000000-\(scene.first.manifestID)"
                try scene.rename("forgotten/", to: name)
                try scene.write(name, [UInt8](repeating: 7, count: 8_192))
            }, says: .damage(["manifest damage"])),
        DamageCase(
            "a manifest that stands has a damaged file among the forgotten ones",
            { scene in
                let name = "forgotten/1790000000-\(scene.first.manifestID)"
                try scene.write(name, [UInt8](repeating: 7, count: 8_192))
            }, says: .damage(["manifest damage"])),
        DamageCase(
            "one copy of a key is damaged", encrypted: [true], { try $0.flip(try $0.key(), at: 100) },
            says: .mended(["key reduced"])),
        DamageCase(
            "both copies of another key are damaged", encrypted: [true],
            { scene in
                let key = "keys/\(try scene.repository.open().addKey(TestKey.file(2)))"
                try scene.change(key) { bytes in
                    bytes[60] ^= 1
                    bytes[bytes.count / 2 + 60] ^= 1
                }
            }, says: .damage(["key damage"])),
        DamageCase(
            "one copy of the config is damaged", { try $0.flip("config", at: 5_000) },
            says: .mended(["config reduced"])),
        DamageCase(
            "both copies of the config are damaged", encrypted: [true],
            { try $0.write("config", [UInt8](repeating: 1, count: 8_192)) }, says: .damage(["config damage"])),
        DamageCase(
            "the config is missing", encrypted: [true], { try $0.remove("config") }, says: .damage(["config damage"])),

        // The catalog, which is a view and is made anew.
        DamageCase(
            "the catalog lacks rows", { try $0.tamper("DELETE FROM chunks WHERE offset > 0") },
            says: .mended(["catalog healed"])),
        DamageCase(
            "the catalog has rows of other chunks", { try $0.tamper("UPDATE chunks SET id = randomblob(32)") },
            says: .mended(["catalog healed"])),
        DamageCase(
            "the catalog has rows of a pack that was never there",
            {
                try $0.tamper(
                    """
                    INSERT INTO chunks SELECT randomblob(32), 77, 0, 0, 1, 0;
                    INSERT INTO blocks VALUES (77, 0, 48, 10, 10, 0, NULL)
                    """)
            }, says: .mended(["catalog healed"])),
        DamageCase(
            "the catalog has blocks elsewhere", { try $0.tamper("UPDATE blocks SET offset = offset + 1") },
            says: .mended(["catalog healed"])),

        // What snapshots are made of.
        DamageCase(
            "chunks lie in two packs", { try $0.duplicate() }, says: .clean),
        DamageCase(
            "chunks lie in two packs, of which one is missing",
            { scene in
                try scene.duplicate()
                try scene.remove(scene.packs[0])
            }, says: .clean),
        DamageCase(
            "chunks lie in two packs, of which one has a damaged block", encrypted: [true],
            { scene in
                try scene.duplicate()
                try scene.flip(scene.packs[0], at: 60)
            }, says: .clean, withData: .damage(["pack damage", "block damage"])),
        DamageCase(
            "a snapshot's tree is nowhere",
            { scene in
                let store = try scene.repository.open()
                let session = try store.write(for: "test")
                var manifest = TestManifests.manifest("c3", paths: ["/"])
                manifest.tree = ChunkID(SHA256.digest([42]))
                try session.commit(manifest)
                session.close()
            }, says: .damage(["missing damage"], ["c3://"])),
        DamageCase(
            "a forgotten snapshot's pack is missing",
            { scene in
                try scene.repository.open().forgetRoot(scene.second.manifestID)
                try scene.remove(scene.packs[1])
            }, says: .damage(["missing damage"], ["b2://"])),
        DamageCase(
            "another program's manifest names a chunk that is nowhere",
            { scene in
                let gone = RootReference(kind: .data, id: ChunkID(SHA256.digest([1])))
                try scene.repository.open().commit(Array("other".utf8), references: [gone])
            }, says: .damage(["missing damage"])),
        DamageCase(
            "a directory has another digest than its entries make",
            { scene in
                try CheckScene.commit("c3", ["f": "1"], to: try scene.repository.open()) { manifest, root in
                    guard case .directory(let content, _) = root.node else { return }
                    root.node = .directory(content: content, digest: SHA256.digest([9]))
                    manifest.rootHash = MerkleDigest.root(of: [root], links: [])
                }
            }, says: .damage(["digest damage"])),
        DamageCase(
            "a snapshot has another root hash than its tree makes",
            { scene in
                try CheckScene.commit("c3", ["f": "1"], to: try scene.repository.open()) { manifest, _ in
                    manifest.rootHash = SHA256.digest([9])
                }
            }, says: .damage(["digest damage"])),
        DamageCase(
            "a file's chunk has another length than its entry says",
            { scene in
                let entry = TreeSketch.node(
                    .file(
                        size: 7, content: .chunks([ChunkReference(id: scene.someChunk, length: 7)]),
                        digest: scene.someChunk.digest, holes: .empty))
                try CheckScene.commit("c3", ["f": entry], to: try scene.repository.open())
            }, says: .damage(["tree damage"])),
        DamageCase(
            "a file's holes lie outside of it",
            { scene in
                let file = TreeSketch.bytes([UInt8](repeating: 0, count: 9_000), holes: [(0, 4_096), (8_192, 4_096)])
                try CheckScene.commit("c3", ["f": file], to: try scene.repository.open())
            }, says: .damage(["tree damage"])),
        DamageCase(
            "a directory's page makes no sense",
            { scene in
                let store = try scene.repository.open()
                let session = try store.write(for: "test")
                let page = try session.put([1, 2, 3], as: .tree)
                try session.flush()
                session.close()
                let folder = TreeSketch.node(
                    .directory(
                        content: .chunks([ChunkReference(id: page, length: 3)]), digest: SHA256.digest([1])))
                try CheckScene.commit("c3", ["d": folder, "f": "1"], to: store)
            }, says: .damage(["tree damage"], ["c3:/d/"])),
    ]
}
