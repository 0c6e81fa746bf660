import Posix
import TestSupport
import Testing

@Suite("Runs that are killed", .serialized)
struct KilledRunTests {
    /// Some large files and many small ones.
    private func makeSource(at path: Path) throws -> Int {
        let (large, small) = isFullEndurance ? (100, 6_000) : (4, 150)
        for number in 0..<large {
            try path.appending("large/\(number)").writeNoise(isFullEndurance ? 2 << 20 : 300_000)
        }
        for number in 0..<small {
            try path.appending("small/\(number / 500)/\(number)").write(Array("this is small file \(number)\n".utf8))
        }
        // So that what was read once is trusted.
        Thread.rest(milliseconds: 2_100)
        return large + small
    }

    private let rounds = isFullEndurance ? 50 : 6

    private func median(_ numbers: [Int]) -> Int { numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2] }

    /// Runs something to its end; how many microseconds it took.
    private func measured(_ body: () throws -> Void) rethrows -> Int {
        let start = Machine.monotonicNanoseconds
        try body()
        return Int(Machine.monotonicNanoseconds - start) / 1_000
    }

    @Test("whenever a snapshot is killed the repository is whole, and the next run finishes what was begun")
    func snapshot() throws {
        let sources = try TemporaryFolder(onDisk: true)
        let source = sources.path.appending("source")
        let files = try makeSource(at: source)
        let reference = try Place(onDisk: true)
        var first: Place.Run?
        let duration = try measured { first = try reference.snapshot(source) }
        let whole = try #require(first)
        #expect(whole.code == 0, "\(whole.errorText)")
        #expect(whole.number("files_read") == files)
        let added = try #require(whole.number("data_added"))
        var chance = SplitMix64(seed: 2_026)
        var (late, readAgain, addedAgain, microseconds) = (0, 0, 0, 0)
        for round in 0..<rounds {
            let place = try Place(onDisk: true)
            let moment = chance.number(below: duration)
            let running = try place.start("snapshot", "--json", source.string)
            RunningProgram.rest(microseconds: moment)
            running.kill()
            #expect(try place.problems() == [], "round \(round)")
            var next: Place.Run?
            let time = try measured { next = try place.snapshot(source) }
            let run = try #require(next)
            #expect(run.code == 0, "round \(round): \(run.errorText)")
            #expect(run.text("root_hash") == whole.text("root_hash"))
            #expect(try place.problems() == [], "after round \(round)")
            if moment >= duration / 3 {
                late += 1
                readAgain += run.number("files_read") ?? files
                addedAgain += run.number("data_added") ?? added
                microseconds += time
            }
            let third = try place.snapshot(source)
            #expect(third.number("files_read") == 0 && third.number("data_chunks") == 0, "round \(round)")
            if round == rounds - 1 {
                #expect(try place.restore(source, to: place.path("back")).code == 0)
                #expect(try TreeFacts.compare(source, place.path("back")) == [])
            }
        }
        guard isFullEndurance else { return }
        // What is smaller than a pack is written at the end, so only a source of many packs can show it.
        #expect(addedAgain < late * added)
        #expect(readAgain < late * files)
        print(
            """
            snapshot killed: a whole run reads \(files) files, stores \(added) bytes and takes \(duration / 1_000) ms; after \(late) kills \
            beyond a third of that the next reads \(readAgain / max(1, late)), stores \(addedAgain / max(1, late)), takes \
            \(microseconds / max(1, late) / 1_000) ms
            """)
    }

    @Test("the run after a killed one does not read large files again whose chunks are stored")
    func largeFiles() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        // Their chunks are so many that they need lists, which are stored after them; a pack holds about half of the files.
        for number in 0..<64 { try source.appending("\(number)").writeNoise(2 << 20) }
        Thread.rest(milliseconds: 2_100)
        let running = try place.start("snapshot", "--json", source.string)
        let packs = place.repository.appending("packs").appending("d")
        while !running.hasEnded, (try? Folder.entries(of: packs))?.isEmpty ?? true {
            RunningProgram.rest(microseconds: 1_000)
        }
        // Its rows come a moment later.
        RunningProgram.rest(microseconds: 100_000)
        running.kill()
        let next = try place.snapshot(source)
        #expect(next.code == 0, "\(next.errorText)")
        #expect(try #require(next.number("files_read")) <= 54)
        #expect(try place.problems() == [])
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
    }

    @Test("whenever a restore is killed the next one finishes it, and writes only what is missing")
    func restore() throws {
        let place = try Place(onDisk: true)
        let source = place.path("source")
        _ = try makeSource(at: source)
        #expect(try place.snapshot(source).code == 0)
        var (whole, durations): (Place.Run?, [Int]) = (nil, [])
        for _ in 0..<3 {
            let target = place.path("reference")
            durations.append(try measured { whole = try place.restore(source, to: target) })
            TemporaryFolder.removeAll(target)
        }
        let first = try #require(whole)
        #expect(first.code == 0, "\(first.errorText)")
        let duration = durations.sorted()[1]
        let bytes = try #require(first.number("bytes_restored"))
        var chance = SplitMix64(seed: 77)
        var (late, writtenAgain, times): (Int, Int, [[Int]]) = (0, 0, [[], []])
        for round in 0..<rounds {
            // Disks are quicker at one time than at another: each round has a whole run of its own beside it.
            let other = place.path("reference")
            durations.append(try measured { _ = try place.restore(source, to: other) })
            TemporaryFolder.removeAll(other)
            let target = place.path("back")
            let moment = chance.number(below: duration)
            let running = try place.start("restore", "latest:" + source.string, "--target", target.string)
            RunningProgram.rest(microseconds: moment)
            running.kill()
            // What the killed one wrote must reach the disk in any case: at once for whoever does not wait, by itself for whoever comes later.
            let isLater = round % 2 == 1
            if isLater { try FileDescriptor.open(place.folder.path, .read).synchronizeFileSystem() }
            var next: Place.Run?
            let time = try measured { next = try place.restore(source, to: target) }
            let run = try #require(next)
            #expect(run.code == 0, "round \(round): \(run.errorText)")
            let written = try #require(run.number("bytes_restored"))
            if moment >= duration / 3 {
                late += 1
                writtenAgain += written
                times[isLater ? 1 : 0].append(time / 1_000)
            }
            #expect(try TreeFacts.compare(source, target) == [], "round \(round)")
            TemporaryFolder.removeAll(target)
        }
        #expect(late > 0 && writtenAgain <= late * bytes)
        guard isFullEndurance else { return }
        #expect(writtenAgain < late * bytes)
        print(
            """
            restore killed: a whole run writes \(bytes) bytes and takes \(median(durations) / 1_000) ms; after \(late) kills beyond a third of that the \
            next writes \(writtenAgain / max(1, late)); at once it takes \(median(times[0])) ms, and \(median(times[1])) ms when the disk \
            has what the killed one wrote
            """)
    }
}
