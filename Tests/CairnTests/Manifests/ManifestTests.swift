import ChunkStore
import Crypto
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("Manifests")
struct ManifestTests {
    static let path: Path = "/r/manifests/m"

    func text(_ manifest: Manifest) throws -> String { String(decoding: try manifest.json(), as: UTF8.self) }

    func read(_ text: String) throws(CairnError) -> Manifest {
        try Manifest(json: Array(text.utf8), path: Self.path)
    }

    @Test("what is written is read again, with every field")
    func roundTrip() throws {
        var manifest = TestManifests.manifest("ab", tags: ["b", "a", "b"])
        manifest.base = TestManifests.id("01")
        manifest.previous = String(repeating: "1", count: 64)
        manifest.supersedes = String(repeating: "2", count: 64)
        manifest.includes = ["*.swift"]
        manifest.excludes = ["/tmp/*", "\u{1B}[31m"]
        manifest.labels = ["job": "nightly", "": "ü"]
        manifest.statistics.files.new = .max
        manifest.statistics.others.removed = 7
        manifest.statistics.durationSeconds = 1.25
        manifest.incomplete = true
        manifest.errors = [.init(path: Path([0x2F, 0xFF]), kind: "unreadable", message: "Permission denied")]
        manifest.errorCount = 1_000
        manifest.errorList = [ChunkID(SHA256.digest([1])), ChunkID(SHA256.digest([2]))]
        #expect(manifest.tags == ["a", "b"])
        #expect(try Manifest(json: manifest.json(), path: Self.path) == manifest)
    }

    @Test("the JSON is what FORMAT.md says: sorted keys, plain slashes, null where there is none")
    func golden() throws {
        var manifest = TestManifests.manifest("ab", at: "2026-11-21T13:05:09.123456789+01:00", tags: ["t"])
        manifest.paths = ["/home/ada", Path(Array("/srv/".utf8) + [0xFF])]
        let root = SHA256.digest(Array("root".utf8)).hex
        let tree = SHA256.digest(Array("tree".utf8)).hex
        #expect(
            try text(manifest) == """
                {"base":null,"engine_version":"0.1.0","error_count":0,"errors":[],"excludes":[],"format":1,\
                "hostname":"amber","includes":[],"incomplete":false,"labels":{},\
                "paths":["/home/ada","/srv/\\\\xff"],"paths_base64":[null,"L3Nydi//"],"previous":null,\
                "root_hash":"\(root)","snapshot_id":"ab000000000000000000000000000000",\
                "statistics":{"data_added":0,"data_added_stored":0,"data_chunks":0,"dirs_changed":0,"dirs_new":0,\
                "dirs_removed":0,"dirs_unmodified":0,"duration_seconds":0,"files_changed":0,"files_new":0,\
                "files_removed":0,"files_unmodified":0,"others_changed":0,"others_new":0,"others_removed":0,\
                "others_unmodified":0,"total_bytes_processed":0,"total_dirs_processed":0,"total_files_processed":0,\
                "tree_chunks":0},"strategy":"full","supersedes":null,"tags":["t"],\
                "time":"2026-11-21T13:05:09.123456789+01:00","tree":"\(tree)","username":"ada"}
                """)
    }

    @Test("fields that a newer program writes are ignored, and kept when the manifest is written again")
    func unknown() throws {
        let plain = TestManifests.manifest("ab")
        let added = "\"a_list\":[1,-2,18446744073709551615,1.5,true,null,{\"deep\":\"ü\"}]"
        var manifest = try read("{\(added)," + text(plain).dropFirst())
        manifest.tags = ["new"]
        #expect(try text(manifest).contains(added))
        let inside = try read(text(plain).replacing("\"data_added\":0", with: "\"data_added\":0,\"cpu_seconds\":3"))
        #expect(inside.statistics.dataAdded == 0)
        #expect(try text(inside).contains("\"cpu_seconds\":3"))
    }

    @Test(
        "a field that cannot be is damage, which names the manifest and the field",
        arguments: [
            ("\"format\":1", "\"format\":0", "format"), ("\"format\":1,", "", "format"),
            ("\"ab0", "\"AB0", "snapshot_id"), ("\"ab0", "\"b0", "snapshot_id"),
            ("2026-01-01", "2026-02-30", "time"), ("\"full\"", "\"some\"", "strategy"),
            ("\"full\"", "null", "strategy"),
            ("\"base\":null", "\"base\":\"latest\"", "base"), ("\"previous\":null", "\"previous\":7", "previous"),
            ("\"supersedes\":null", "\"supersedes\":\"../config\"", "supersedes"),
            ("\"paths\":[\"/home\"]", "\"paths\":\"/home\"", "paths"), ("[\"/home\"]", "[\"home\"]", "paths"),
            ("[\"/home\"]", "[\"\"]", "paths"), ("[\"/home\"]", "[\"/a\\u0000b\"]", "paths"),
            ("\"paths\":", "\"paths_base64\":[\"!\"],\"paths\":", "paths"),
            ("\"tags\":[]", "\"tags\":[1]", "tags"), ("\"labels\":{}", "\"labels\":[]", "labels"),
            ("\"tree_chunks\":0", "\"tree_chunks\":\"1\"", "statistics.tree_chunks"),
            ("\"tree_chunks\":0", "\"tree_chunks\":-1", "JSON"),
            ("\"incomplete\":false", "\"incomplete\":0", "incomplete"),
            ("\"errors\":[]", "\"errors\":[{\"path\":\"/x\",\"kind\":\"k\"}]", "message"),
            ("\"error_count\":0", "\"error_count\":-1", "error_count"),
            ("\"errors\":[]", "\"errors\":[],\"error_list\":[\"00\"]", "error_list"),
        ])
    func damaged(_ old: String, _ new: String, _ field: String) throws {
        let good = try text(TestManifests.manifest("ab"))
        #expect(good.contains(old))
        let error = #expect(throws: CairnError.self) { try read(good.replacing(old, with: new)) }
        #expect(error?.code == .damaged && error?.path == Self.path, "\(String(describing: error))")
        #expect(error?.message.contains(field) == true, "\(String(describing: error))")
    }

    @Test("what is no JSON object, or nested without end, is damage")
    func garbage() throws {
        let good = try text(TestManifests.manifest("ab"))
        let deep = String(repeating: "[", count: 100_000)
        let nested = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        for bad in ["", "{}", "[]", "null", "\u{0}", deep, "{\"x\":\(deep)", "{\"x\":\(nested)," + good.dropFirst()] {
            let error = #expect(throws: CairnError.self) { try read(bad) }
            #expect(error?.code == .damaged)
        }
        #expect(throws: CairnError.self) {
            try Manifest(json: Array("{\"x\":\"".utf8) + [0xFF, 0x22, 0x7D], path: "/m")
        }
    }

    @Test("a newer format is no damage, but asks for a newer program")
    func newer() throws {
        let newer = try text(TestManifests.manifest("ab")).replacing("\"format\":1", with: "\"format\":2")
        let error = #expect(throws: CairnError.self) { try read(newer) }
        #expect(error?.code == .unsupported && error?.remedy != nil)
    }

    @Test("bytes that were changed anywhere give a manifest or an error, never a trap")
    func mutations() throws {
        let good = try TestManifests.manifest("ab", tags: ["t"]).json()
        var random = SplitMix64(seed: 14)
        var damaged = 0
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0...random.number(below: 3) {
                bytes[random.number(below: bytes.count)] = UInt8(random.number(below: 256))
            }
            do throws(CairnError) {
                let manifest = try Manifest(json: bytes, path: Self.path)
                #expect(try Manifest(json: manifest.json(), path: Self.path) == manifest)
            } catch { damaged += 1 }
        }
        #expect(damaged > 500)
    }

    @Test("what no reader would take is not written")
    func writing() {
        var manifest = TestManifests.manifest("ab", paths: ["relative"])
        #expect(throws: CairnError.self) { try manifest.json() }
        manifest.paths = ["/x"]
        let error = Manifest.SourceError(path: "/x", kind: "missing", message: "gone")
        manifest.errors = Array(repeating: error, count: Manifest.errorsMax + 1)
        manifest.errorCount = 200
        #expect(throws: CairnError.self) { try manifest.json() }
        manifest.errors = [error]
        manifest.errorCount = 0
        #expect(throws: CairnError.self) { try manifest.json() }
    }

    @Test("ids of snapshots are random, and read only as they are written")
    func ids() throws {
        let id = try SnapshotID.random()
        #expect(try id != SnapshotID.random())
        #expect(SnapshotID(hex: id.description) == id && id.short == id.description.prefix(8))
        for bad in [
            "", "ab", id.description.uppercased() + "A", id.description + "0", String(repeating: "g", count: 32),
        ] {
            #expect(SnapshotID(hex: bad) == nil)
        }
    }
}
