import Posix
import TestSupport
import Testing

@Suite("Packs that are lost")
struct LostPacksTests {
    private let place: Place
    private let source: Path

    /// A repository with three snapshots, each of which made packs of its own.
    init() throws {
        place = try Place()
        source = place.path("source")
        for round in 0..<3 {
            for number in 0..<5 {
                try source.appending("only-\(round)/deep/file-\(number)").writeNoise(3_000 + number)
                try source.appending("mixed/file-\(round)-\(number)").writeNoise(50_000)
            }
            // A file of several chunks that is the same in all, and one that is not.
            if round == 0 { try source.appending("large").writeNoise(400_000) }
            try source.appending("changing").write(Array(repeating: UInt8(round), count: 10_000))
            let before = try packs()
            let run = try place.snapshot(source)
            #expect(run.code == 0, "\(run.errorText)")
            #expect(try packs().count > before.count)
        }
        Thread.rest(milliseconds: 2_100)
        #expect(try place.snapshot(source).code == 0)
        #expect(try place.snapshot(source).number("files_read") == 0)
    }

    private func packs() throws -> [Path] {
        var found: [(FileTime, Path)] = []
        for kind in ["d", "t"] {
            let folder = place.repository.appending("packs").appending(kind)
            guard (try? Folder.status(folder)) != nil else { continue }
            for first in try Folder.entries(of: folder) {
                let inner = folder.appending(Path(first.name))
                for entry in try Folder.entries(of: inner) {
                    let pack = inner.appending(Path(entry.name))
                    found.append((try Folder.status(pack).modified, pack))
                }
            }
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Removes the catalog, or the journals, from the cache.
    private func removeFromCache(journals: Bool) throws {
        for folder in try Folder.entries(of: place.cache) {
            let inner = place.cache.appending(Path(folder.name))
            for file in try Folder.entries(of: inner) {
                let isJournal = String(decoding: file.name, as: UTF8.self).hasPrefix("journal-")
                if isJournal == journals { try Folder.remove(inner.appending(Path(file.name))) }
            }
        }
    }

    enum Cache: CaseIterable, Sendable { case whole, withoutCatalog, withoutJournal }

    @Test(
        "files whose packs are gone are read again and stored again, and everything comes back",
        arguments: Cache.allCases)
    func healed(_ cache: Cache) throws {
        for loss in ["the first", "all but the newest", "the newest", "one in the middle", "all"] {
            let packs = try packs()
            let lost: ArraySlice<Path> =
                switch loss {
                case "the first": packs.prefix(1)
                case "all but the newest": packs.dropLast()
                case "the newest": packs.suffix(1)
                case "one in the middle": packs[(packs.count / 2)...].prefix(1)
                default: packs[...]
                }
            for pack in lost { try Folder.remove(pack) }
            if cache != .whole { try removeFromCache(journals: cache == .withoutJournal) }
            let run = try place.snapshot(source)
            #expect(run.code == 0, "\(loss): \(run.errorText)")
            #expect(run.text("strategy") == "incremental")
            let read = try #require(run.number("files_read"))
            switch loss {
            // Five files in a folder, five in another, and the large one.
            case "the first": #expect(read >= 11 && (cache == .withoutJournal || read < 32), "\(read)")
            case "all": #expect(read == 32, "\(read)")
            default: #expect(read <= 32)
            }
            let back = place.path("back")
            let restored = try place.restore(source, to: back)
            #expect(restored.code == 0, "\(loss): \(restored.errorText)")
            #expect(try TreeFacts.compare(source, back) == [], "\(loss)")
            TemporaryFolder.removeAll(back)
            // Once is enough.
            let next = try place.snapshot(source)
            #expect(next.code == 0, "\(loss): \(next.errorText)")
            #expect(next.number("files_read") == 0, "\(loss)")
            #expect(next.number("data_chunks") == 0, "\(loss)")
            #expect(next.text("root_hash") == run.text("root_hash"))
        }
    }
}
