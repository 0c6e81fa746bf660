import ChildProcess
import Glibc
import Posix
import TestSupport
import Testing

@Suite("Journals that cannot be relied upon")
struct DamagedJournalTests {
    /// A source with a finished snapshot, and so with a journal.
    private struct Scene {
        let place: Place
        let source: Path
        let root: String

        init() throws {
            place = try Place()
            source = place.path("source")
            for number in 0..<120 {
                try source.appending("folder-\(number % 6)/file-\(number)").write(Array("content \(number)".utf8))
            }
            for number in 0..<300 { try source.appending("wide/\(number)").write([UInt8(number & 255)]) }
            Thread.rest(milliseconds: 2_100)
            let run = try place.snapshot(source)
            root = try #require(run.text("root_hash"), "\(run.errorText)")
            // Many generations of pages, as in real life.
            #expect(try place.snapshot(source).text("root_hash") == root)
        }

        /// The journal's files: the database, and the record of finished files.
        func journal(_ suffix: String) throws -> Path {
            for folder in try Folder.entries(of: place.cache) {
                let inner = place.cache.appending(Path(folder.name))
                for file in try Folder.entries(of: inner) {
                    let name = String(decoding: file.name, as: UTF8.self)
                    if name.hasPrefix("journal-") && name.hasSuffix(suffix) { return inner.appending(name) }
                }
            }
            throw ChildFailure(reason: "there is no journal")
        }

        /// Takes a snapshot, which must be right whatever the journal says.
        func expectRight(_ what: String) throws {
            let run = try place.snapshot(source)
            #expect(run.code == 0, "\(what): \(run.errorText)")
            let full = try place.snapshot(source, "--strategy", "full")
            #expect(run.text("root_hash") == full.text("root_hash"), "\(what)")
            let back = place.path("back-\(Machine.monotonicNanoseconds)")
            let restored = try place.restore(source, to: back)
            #expect(restored.code == 0, "\(what): \(restored.errorText)")
            #expect(try TreeFacts.compare(source, back) == [], "\(what)")
            TemporaryFolder.removeAll(back)
        }
    }

    @Test("a journal that is cut off, empty, no database or a folder is made anew")
    func wrecked() throws {
        let scene = try Scene()
        var chance = SplitMix64(seed: 5)
        let path = try scene.journal(".sqlite")
        let good = try path.content()
        let wrecks: [(String, [UInt8])] = [
            ("empty", []), ("half", Array(good.prefix(good.count / 2))), ("one page", Array(good.prefix(8_192))),
            ("a torn page", Array(good.prefix(good.count - 5_000))), ("noise", chance.bytes(20_000)),
            ("the head alone", Array(good.prefix(100)) + chance.bytes(30_000)),
            ("text", Array("this is no database".utf8)),
        ]
        for (what, bytes) in wrecks {
            try path.write(bytes)
            try scene.expectRight(what)
        }
        try Folder.remove(path)
        try Folder.make(path)
        try scene.expectRight("a folder")
    }

    @Test("whatever bytes of a journal are changed, the snapshot is right")
    func spoilt() throws {
        let scene = try Scene()
        var chance = SplitMix64(seed: 6)
        let path = try scene.journal(".sqlite")
        let good = try path.content()
        for round in 0..<(isFullEndurance ? 200 : 6) {
            var bytes = good
            // Single bits, or a stretch as a disk would lose it.
            if round % 2 == 0 {
                for _ in 0..<40 {
                    bytes[100 + chance.number(below: bytes.count - 100)] ^= UInt8(1 << chance.number(below: 8))
                }
            } else {
                let start = chance.number(below: bytes.count / 512) * 512
                for index in start..<min(start + 4_096, bytes.count) { bytes[index] = 0 }
            }
            try path.write(bytes)
            // Something is different too, so that folders are compared in earnest.
            let wide = scene.source.appending("wide")
            try wide.appending("\(round)").write([1, 2, 3, UInt8(round & 255)])
            try scene.expectRight("round \(round)")
        }
    }

    @Test("a folder that was emptied is not taken for what a damaged journal forgot")
    func emptied() throws {
        let scene = try Scene()
        let path = try scene.journal(".sqlite")
        var bytes = try path.content()
        // All entries of one folder become unreadable, and the folder becomes empty.
        for number in 0..<120 where number % 6 == 3 {
            let name = Array("file-\(number)".utf8)
            for index in 0..<(bytes.count - name.count) where bytes[index..<(index + name.count)].elementsEqual(name) {
                for place in max(100, index - 49)..<index { bytes[place] = 0xEE }
            }
            try Folder.remove(scene.source.appending("folder-3").appending(Path(name)))
        }
        try path.write(bytes)
        try scene.expectRight("an emptied folder")
    }

    @Test("a journal or a cache that may not be written costs time, and nothing else")
    func readOnly() throws {
        guard geteuid() == 0 else { return print("not tested: only root can become another user") }
        let scene = try Scene()
        let user = try scene.place.otherUser()
        let path = try scene.journal(".sqlite")
        try Folder.setMode(path, 0o444)
        let owned = try ChildProcess("/bin/chown", ["-R", "12345:12345", scene.source.string]).run()
        #expect(owned.code == 0)
        let first = try scene.place.run("snapshot", "--json", scene.source.string, behind: user)
        #expect(first.code == 0, "\(first.errorText)")
        #expect(first.text("root_hash") != nil)
        // A cache that cannot be written at all: it is said where it is.
        try Folder.setMode(path.parent, 0o555)
        try Folder.setMode(scene.place.cache, 0o555)
        let second = try scene.place.run("snapshot", "--json", scene.source.string, behind: user)
        if second.code == 0 {
            #expect(second.text("root_hash") == first.text("root_hash"))
        } else {
            #expect(second.code == 1 && second.errorText.contains(scene.place.cache.string), "\(second.errorText)")
            #expect(second.errorText.contains("hint"), "\(second.errorText)")
        }
        try Folder.setMode(scene.place.cache, 0o755)
        try Folder.setMode(path.parent, 0o755)
    }

    @Test("a record of finished files that is torn or spoilt anywhere gives no wrong snapshot")
    func finishedFiles() throws {
        let scene = try Scene()
        let log = try scene.journal(".log")
        // A run that is stopped leaves a record.
        for number in 0..<1_500 { try scene.source.appending("more/\(number)").writeNoise(2_000) }
        Thread.rest(milliseconds: 2_100)
        let running = try scene.place.start("snapshot", scene.source.string)
        try Watchdog.watch("a record of finished files") {
            while try log.content().count < 1_000, !running.lines.contains(where: { $0.contains("saved") }) {
                RunningProgram.rest(microseconds: 2_000)
            }
        }
        running.kill()
        let record = try log.content()
        try #require(record.count >= 1_000)
        var chance = SplitMix64(seed: 9)
        for round in 0..<(isFullEndurance ? 100 : 3) {
            var bytes = record
            switch round % 3 {
            case 0: bytes = Array(record.prefix(chance.number(below: record.count)))
            case 1: bytes[chance.number(below: record.count)] ^= 0x10
            default: bytes = Array(record.prefix(chance.number(below: record.count))) + chance.bytes(100)
            }
            try log.write(bytes)
            try scene.expectRight("round \(round)")
        }
    }
}
