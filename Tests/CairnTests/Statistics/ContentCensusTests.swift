import ChunkStore
import Posix
import TestSupport
import Testing

@testable import Cairn

@Suite("What snapshots hold")
struct ContentCensusTests {
    private func census(_ sketches: [TreeSketch]) throws -> ContentStatistics {
        let repository = try SketchRepository()
        var ids: [ChunkID] = []
        for sketch in sketches { ids += try repository.add(sketch) }
        let reader = TreeReader(try repository.store.reader())
        let census = try ContentCensus(reader)
        for id in ids { try census.add(try reader.root(id)) }
        return try census.finish()
    }

    @Test("bytes that one snapshot alone holds are told from shared ones, also deep in shared directories")
    func alone() throws {
        let shared: TreeSketch = ["deep": ["s": "shared"], "t": "both"]
        let result = try census([
            ["a": "only the first", "d": shared], ["b": "only2", "d": shared, "e": shared, "f": "only2"],
        ])
        #expect(result.snapshots[0].aloneBytes == 14)
        #expect(result.snapshots[1].aloneBytes == 5)
        #expect(result.snapshots.map(\.files) == [3, 6])
        #expect(result.snapshots.map(\.logicalBytes) == [24, 30])
        #expect(result.uniqueBytes == 29)
        #expect(result.uniqueChunks == 4)
        #expect(result.contents == 4)
        #expect(result.logicalBytes == 54)
    }

    @Test("files that share some chunks share those alone")
    func partly() throws {
        var random = SplitMix64(seed: 4)
        let (first, second, third) = (random.bytes(10_000), random.bytes(10_000), random.bytes(10_000))
        let result = try census([["f": .bytes(first + second)], ["f": .bytes(first + third)], ["g": .bytes(third)]])
        #expect(result.snapshots.map(\.aloneBytes) == [10_000, 0, 0])
        #expect(result.uniqueBytes == 30_000)
    }

    @Test("three snapshots of one tree hold nothing alone, and each counts all its files")
    func same() throws {
        let tree: TreeSketch = ["d": ["e": ["f": "12345"]], "g": "1"]
        let result = try census([tree, tree, tree])
        #expect(result.snapshots.map(\.aloneBytes) == [0, 0, 0])
        #expect(result.snapshots.map(\.files) == [2, 2, 2])
        #expect(result.uniqueBytes == 6)
    }

    @Test("types are what follows the last dot, each content once")
    func types() throws {
        let result = try census([
            ["a.TXT": "12", "b.txt": "345", "c": "6", ".profile": "78", "copy.md": "345", "z.tar.gz": "9"],
            ["b.txt": "345"],
        ])
        let told = result.types.map { "\(String(decoding: $0.name, as: UTF8.self)) \($0.contents) \($0.bytes)" }
        #expect(told == ["txt 2 5", " 2 3", "gz 1 1"])
    }

    @Test("what is stored counts each chunk once, and packs as they are")
    func storage() throws {
        let repository = try SketchRepository(.folder)
        _ = try repository.add(["a": "12345", "b": "12345", "c": "6"])
        let result = try StorageStatistics(repository.store)
        #expect(result.dataChunks == 2)
        #expect(result.dataBytes == 6)
        #expect(result.treeChunks == 2)
        let packs = try #require(repository.repository.path?.appending("packs"))
        var sum: UInt64 = 0
        for letter in ["d", "t"] {
            let folder = packs.appending(letter)
            for prefix in (try? Folder.entries(of: folder)) ?? [] {
                let below = folder.appending(Path(prefix.name))
                for pack in try Folder.entries(of: below) {
                    sum += try Folder.status(below.appending(Path(pack.name))).size
                }
            }
        }
        #expect(result.storedBytes == sum)
        #expect(sum > 0)
    }
}
