import Posix
import TestSupport
import Testing

@Suite("Trees of any size", .serialized)
struct ScaleTests {
    /// What the program may take by default.
    private static let memoryMax = 256 << 20

    /// A snapshot, another of the unchanged tree, and a restore: none takes more memory than it may, and the tree comes back. Prints
    /// figures where the long forms were asked for.
    private func measure(_ what: String, _ place: Place, _ source: Path, compares: Bool = true) throws {
        let back = place.path("back")
        let steps: [(String, [String])] = [
            ("first snapshot", ["snapshot", "--json", source.string]),
            ("unchanged snapshot", ["snapshot", "--json", source.string]),
            ("restore", ["restore", "--json", "latest:" + source.string, "--target", back.string]),
        ]
        for (step, words) in steps {
            let start = Machine.monotonicNanoseconds
            let running = try place.start(words)
            let (code, peak) = running.waitWatchingMemory()
            let milliseconds = (Machine.monotonicNanoseconds - start) / 1_000_000
            #expect(code == 0, "\(what), \(step): \(running.lines.suffix(3))")
            #expect(peak <= Self.memoryMax, "\(what), \(step): \(peak >> 20) MiB")
            if step == "unchanged snapshot" {
                #expect(running.lines.contains { $0.contains("\"files_read\":0,") }, "\(running.lines.suffix(1))")
            }
            if isFullEndurance { print("\(what), \(step): \(milliseconds) ms, \(peak >> 20) MiB") }
        }
        let (left, right) = (try allocated(source), try allocated(back))
        #expect(right <= left + left / 50 + (1 << 20), "\(what): \(left) bytes became \(right)")
        if compares { #expect(try TreeFacts.compare(source, back) == []) }
    }

    /// What the files directly in a folder take of the disk.
    private func allocated(_ folder: Path) throws -> UInt64 {
        let open = try FileDescriptor.open(folder, [.read, .folder])
        return try open.sortedEntries().reduce(0) { try $0 + open.status(of: Path($1.name)).blocks * 512 }
    }

    @Test("a folder of very many names")
    func manyNames() throws {
        let place = try Place(onDisk: isFullEndurance)
        let source = place.path("source")
        try Folder.make(source)
        let folder = try FileDescriptor.open(source, [.read, .folder])
        for number in 0..<(isFullEndurance ? 300_000 : 20_000) {
            _ = try folder.open(Path("entry-\(number)"), [.write, .create])
        }
        Thread.rest(milliseconds: 2_100)
        try measure("a folder of many names", place, source)
    }

    @Test("a file that is mostly a hole")
    func sparse() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        try Folder.make(source)
        let size: UInt64 = isFullEndurance ? 50 << 30 : 24 << 20
        do {
            let file = try FileDescriptor.open(source.appending("sparse"), [.write, .create])
            try file.truncate(to: size)
            var chance = SplitMix64(seed: 3)
            let noise = chance.bytes(50_000)
            for part: UInt64 in [0, 1, 4, 6] {
                try noise.withUnsafeBytesThrowing { raw throws(PosixError) in
                    try file.write(all: raw, at: size / 7 * part + 12_345 * part)
                }
            }
        }
        Thread.rest(milliseconds: 2_100)
        // Comparing reads everything: that is as slow as taking it.
        try measure("a sparse file", place, source, compares: true)
    }

    /// Makes folders inside one another, each with a file before the next one and a file behind it.
    private func dig(_ levels: Int, in source: Path) throws {
        try Folder.make(source)
        var node = FolderNode(path: source)
        for level in 0..<levels {
            let folder = try node.opened()
            let name = Path("level-\(level)-" + String(repeating: "x", count: 90))
            try folder.descriptor.makeFolder(name, mode: 0o755)
            for fileName: Path in ["file", "z"] {
                let file = try folder.descriptor.open(fileName, [.write, .create])
                try [UInt8(level & 255)].withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
            }
            node = node.child(name)
        }
        Thread.rest(milliseconds: 2_100)
    }

    @Test("a path that is longer than any path may be")
    func deep() throws {
        let place = try Place(onDisk: isFullEndurance)
        let source = place.path("source")
        // Fifty times what a path may be, and a little more than it.
        try dig(isFullEndurance ? 2_000 : 60, in: source)
        try measure("a deep path", place, source)
    }

    @Test("a tree of more levels than files may be open comes back whole")
    func deepWithFewFiles() throws {
        let place = try Place(onDisk: isFullEndurance)
        let (source, back) = (place.path("source"), place.path("back"))
        try dig(isFullEndurance ? 2_000 : 250, in: source)
        let limited = ["sh", "-c", "ulimit -n 100 && exec \"$0\" \"$@\""]
        for expected in [isFullEndurance ? 4_000 : 500, 0] {
            let taken = try place.run("snapshot", "--json", source.string, behind: limited)
            #expect(taken.code == 0, "\(taken.errorText.suffix(300))")
            #expect(taken.number("files_read") == expected)
        }
        let restored = try place.run(
            "restore", "latest:" + source.string, "--target", back.string, "--verify", behind: limited)
        #expect(restored.code == 0, "\(restored.errorText.suffix(300))")
        #expect(try TreeFacts.compare(source, back) == [])
        let compared = try place.run("diff", "latest:" + source.string, "--live", back.string, behind: limited)
        #expect(compared.code == 0, "\(compared.errorText.suffix(300))")
        #expect(try place.run("check", behind: limited).code == 0)
    }

    @Test("the program opens as many files as it may, and not only as many as it is given to begin with")
    func raisedLimit() throws {
        let place = try Place()
        let seen = place.path("seen")
        // What the program starts has its limit.
        let added = try place.run(
            "key", "add", "--new-password-command", "ulimit -n > '\(seen.string)'; echo secret",
            behind: ["sh", "-c", "ulimit -S -n 100 && exec \"$0\" \"$@\""])
        #expect(added.code == 0, "\(added.errorText)")
        let limit = String(decoding: try seen.content(), as: UTF8.self).split(separator: "\n").first.flatMap { Int($0) }
        #expect(try #require(limit) > 100)
    }

    @Test("a million files, half of them empty", .enabled(if: isFullEndurance))
    func million() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        for folder in 0..<1_000 {
            let path = source.appending("\(folder / 10)/\(folder % 10)")
            try Folder.makeAll(path)
            let open = try FileDescriptor.open(path, [.read, .folder])
            for number in 0..<1_000 {
                let file = try open.open(Path("file-\(number)"), [.write, .create])
                guard number % 2 == 1 else { continue }
                let content = Array("content \(folder * 1_000 + number) \n".utf8)
                try content.withUnsafeBytesThrowing { raw throws(PosixError) in try file.write(all: raw) }
            }
        }
        Thread.rest(milliseconds: 2_100)
        try measure("a million files", place, source)
    }
}
