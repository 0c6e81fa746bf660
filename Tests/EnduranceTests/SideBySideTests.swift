import ChildProcess
import Posix
import TestSupport
import Testing

@Suite("Several at once")
struct SideBySideTests {
    private func makeSource(_ path: Path, files: Int = 150) throws {
        for number in 0..<files { try path.appending("d\(number % 5)/\(number)").writeNoise(10_000) }
    }

    @Test("two snapshots at once both succeed, of one source or of two", arguments: [true, false])
    func two(isSame: Bool) throws {
        let place = try Place()
        let sources = [place.path("one"), isSame ? place.path("one") : place.path("two")]
        for source in Set(sources) { try makeSource(source) }
        Thread.rest(milliseconds: 2_100)
        for _ in 0..<(isFullEndurance ? 20 : 2) {
            let running = try sources.map { try place.start("snapshot", "--json", $0.string) }
            let codes = Watchdog.watch("two snapshots at once", seconds: 300) { running.map { $0.wait() } }
            #expect(codes == [0, 0], "\(running.map(\.lines))")
            for source in Set(sources) {
                try source.appending("d1/more-\(Machine.monotonicNanoseconds)").writeNoise(5_000)
            }
        }
        #expect(try place.problems() == [])
        for (number, source) in sources.enumerated() {
            #expect(try place.snapshot(source).code == 0)
            let back = place.path("back-\(number)")
            #expect(try place.restore(source, to: back).code == 0)
            #expect(try TreeFacts.compare(source, back) == [])
        }
    }

    @Test("a snapshot and a restore do not disturb each other")
    func snapshotAndRestore() throws {
        let place = try Place()
        let (one, two) = (place.path("one"), place.path("two"))
        for source in [one, two] { try makeSource(source) }
        let first = try #require(try place.snapshot(one).text("snapshot_id"))
        let running = [
            try place.start("snapshot", "--json", two.string),
            try place.start("restore", first + ":" + one.string, "--target", place.path("back").string),
        ]
        let codes = Watchdog.watch("a snapshot and a restore", seconds: 300) { running.map { $0.wait() } }
        #expect(codes == [0, 0], "\(running.map(\.lines))")
        #expect(try TreeFacts.compare(one, place.path("back")) == [])
        #expect(try place.restore(two, to: place.path("second")).code == 0)
        #expect(try TreeFacts.compare(two, place.path("second")) == [])
    }

    @Test("a cache that is cleared while a snapshot runs makes no wrong snapshot", arguments: [true, false])
    func cleared(isByCommand: Bool) throws {
        let place = try Place()
        let source = place.path("source")
        try makeSource(source)
        Thread.rest(milliseconds: 2_100)
        #expect(try place.snapshot(source).code == 0)
        var chance = SplitMix64(seed: isByCommand ? 1 : 2)
        for round in 0..<(isFullEndurance ? 40 : 4) {
            try source.appending("d0/round-\(round)").writeNoise(200_000)
            let running = try place.start("snapshot", "--json", source.string)
            for _ in 0..<3 {
                RunningProgram.rest(microseconds: chance.number(below: 150_000))
                if isByCommand { _ = try place.run("cache", "--clear") } else { TemporaryFolder.removeAll(place.cache) }
            }
            let code = Watchdog.watch("a snapshot without its cache", seconds: 300) { running.wait() }
            if code != 0 {
                let lines = running.lines
                #expect(lines.contains { $0.contains("exit_error") && $0.contains("message") }, "\(lines)")
                print("clearing the cache: exit \(code) \(lines.suffix(1))")
            }
            #expect(try place.problems() == [], "round \(round)")
        }
        let last = try place.snapshot(source)
        #expect(last.code == 0, "\(last.errorText)")
        let full = try place.snapshot(source, "--strategy", "full")
        #expect(last.text("root_hash") == full.text("root_hash"))
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
    }
}
