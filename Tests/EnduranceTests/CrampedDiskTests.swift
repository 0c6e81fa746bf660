import ChildProcess
import Posix
import TestSupport
import Testing

@Suite("Disks that are full")
struct CrampedDiskTests {
    private func makeSource(_ path: Path) throws {
        for number in 0..<60 { try path.appending("d\(number % 3)/\(number)").writeNoise(30_000) }
    }

    @Test("a repository without room says so, loses nothing, and goes on when there is room")
    func repository() throws {
        guard let disk = try SmallFileSystem("size=3000k") else { return }
        let place = try Place(repository: disk.path.appending("repository"))
        let (small, source) = (place.path("small"), place.path("source"))
        try small.appending("file").writeNoise(100_000)
        try makeSource(source)
        Thread.rest(milliseconds: 2_100)
        #expect(try place.snapshot(small).code == 0)
        for size in stride(from: 200, through: 1_800, by: isFullEndurance ? 50 : 400) {
            #expect(disk.resize(kibibytes: size))
            let run = try place.snapshot(source)
            #expect(run.code == 1, "\(size) KiB: \(run.errorText)")
            #expect(run.errorText.contains("space") || run.errorText.contains("room"), "\(size) KiB: \(run.errorText)")
            #expect(run.errorText.contains(disk.path.string), "\(size) KiB: \(run.errorText)")
            #expect(try place.problems() == [], "\(size) KiB")
            let back = place.path("back-\(size)")
            let restored = try place.restore(small, to: back)
            #expect(restored.code == 0, "\(size) KiB: \(restored.errorText)")
            #expect(try TreeFacts.compare(small, back) == [])
        }
        #expect(disk.resize(kibibytes: 20_000))
        let run = try place.snapshot(source)
        #expect(run.code == 0, "\(run.errorText)")
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
        #expect(try place.problems() == [])
    }

    @Test("a cache without room does not hinder a snapshot, or it is said what to do")
    func cache() throws {
        guard let disk = try SmallFileSystem("size=10000k") else { return }
        let place = try Place(cache: disk.path.appending("cache"))
        let source = place.path("source")
        try makeSource(source)
        for number in 0..<2_000 {
            try source.appending("many/file \(number)").write([UInt8(number & 255), UInt8(number >> 8)])
        }
        Thread.rest(milliseconds: 2_100)
        for size in [16, 64, 128, 200, 300, 400, 600, 10_000] {
            #expect(disk.resize(kibibytes: size))
            let run = try place.snapshot(source)
            if run.code == 0 {
                #expect(run.text("snapshot_id") != nil)
            } else {
                #expect(run.code == 1, "\(size) KiB: \(run.errorText)")
                #expect(run.errorText.contains(disk.path.string), "\(size) KiB: \(run.errorText)")
                #expect(
                    run.errorText.contains("cache") || run.errorText.contains("space"), "\(size) KiB: \(run.errorText)")
            }
            print("a cache of \(size) KiB: exit \(run.code) \(run.errorText)")
            #expect(try place.problems() == [], "\(size) KiB")
        }
        let last = try place.snapshot(source)
        #expect(last.code == 0, "\(last.errorText)")
        #expect(last.number("files_read") == 0)
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
    }

    @Test("a journal whose disk is full costs time, one warning, and nothing else")
    func journal() throws {
        guard let disk = try SmallFileSystem("size=10000k") else { return }
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try makeSource(source)
        Thread.rest(milliseconds: 2_100)
        #expect(try place.snapshot(source).code == 0)
        // The journal alone moves to the small disk.
        let script = """
            file=$(echo "$1"/*/journal-*.sqlite); cp "$file" "$2/journal"; ln -sf "$2/journal" "$file"
            """
        let moving = try ChildProcess(
            "/bin/sh", ["-ec", script, "sh", place.cache.string, disk.path.string],
            environment: ["PATH": "/usr/bin:/bin"]
        ).run()
        #expect(moving.code == 0, "\(moving.errorText)")
        // Attributes, so that what is remembered does not all fit into the memory that SQLite has for it.
        for number in 0..<2_400 {
            let path = source.appending("many/\(number % 7)/\(number)")
            try path.write([UInt8(number & 255)])
            try FileDescriptor.open(path, [.read]).setAttribute(
                Array("user.bulk".utf8), [UInt8](repeating: UInt8(number & 255), count: 3_000))
        }
        Thread.rest(milliseconds: 2_100)
        #expect(disk.resize(kibibytes: 400))
        var roots: [String?] = []
        for strategy in ["incremental", "full"] {
            let run = try place.snapshot(source, "--strategy", strategy)
            #expect(run.code == 0, "\(run.errorText)")
            let warnings = run.errorText.split(separator: "\n").filter { $0.contains("warning") }
            #expect(warnings.count == 1 && warnings[0].contains("the journal cannot be written"), "\(run.errorText)")
            roots.append(run.text("root_hash"))
        }
        #expect(disk.resize(kibibytes: 20_000))
        let next = try place.snapshot(source)
        #expect(next.code == 0 && !next.errorText.contains("warning"), "\(next.errorText)")
        #expect(roots == [next.text("root_hash"), next.text("root_hash")] && roots[0] != nil)
        #expect(try place.snapshot(source).number("files_read") == 0)
        #expect(try place.problems() == [])
    }

    @Test("a cache that has no place for a journal costs time and one warning")
    func noPlace() throws {
        let place = try Place()
        let source = place.path("source")
        try makeSource(source)
        #expect(try place.snapshot(source).code == 0)
        let script = "file=$(echo \"$1\"/*/journal-*.log); rm -f \"$file\"; mkdir \"$file\""
        let spoiling = try ChildProcess("/bin/sh", ["-ec", script, "sh", place.cache.string]).run()
        #expect(spoiling.code == 0, "\(spoiling.errorText)")
        let run = try place.snapshot(source)
        #expect(run.code == 0 && run.number("files_read") == 60, "\(run.errorText)")
        let warnings = run.errorText.split(separator: "\n").filter { $0.contains("warning") }
        #expect(warnings.count == 1 && warnings[0].contains("the journal cannot be written"), "\(run.errorText)")
    }

    @Test("a target without room says so, and the restore goes on when there is room")
    func target() throws {
        guard let disk = try SmallFileSystem("size=600k") else { return }
        let place = try Place()
        let source = place.path("source")
        try makeSource(source)
        #expect(try place.snapshot(source).code == 0)
        let target = disk.path.appending("back")
        let run = try place.restore(source, to: target)
        #expect(run.code == 1, "\(run.errorText)")
        #expect(run.errorText.contains("space"), "\(run.errorText)")
        #expect(disk.resize(kibibytes: 20_000))
        let next = try place.restore(source, to: target)
        #expect(next.code == 0, "\(next.errorText)")
        #expect((next.number("bytes_restored") ?? .max) < 60 * 30_000)
        #expect(try TreeFacts.compare(source, target) == [])
    }
}
