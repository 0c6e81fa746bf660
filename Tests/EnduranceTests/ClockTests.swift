import Posix
import TestSupport
import Testing

@Suite("Odd clocks")
struct ClockTests {
    private func setTime(_ path: Path, _ seconds: Int64) throws {
        try FileDescriptor.open(path, .write).setModified(FileTime(seconds: seconds, nanoseconds: 5))
    }

    @Test(
        "a change that leaves size and time as they were is seen", arguments: [-1_000, 0, 1_700_000_000, 4_000_000_000])
    func sameTime(seconds: Int64) throws {
        let place = try Place()
        let source = place.path("source")
        let file = source.appending("file")
        try file.write(Array("one".utf8))
        try setTime(file, seconds)
        Thread.rest(milliseconds: 2_100)
        let first = try place.snapshot(source)
        #expect(first.code == 0)
        // Whoever sets times back cannot hide the change time.
        try file.write(Array("two".utf8))
        try setTime(file, seconds)
        let second = try place.snapshot(source)
        #expect(second.text("root_hash") != first.text("root_hash"))
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try place.path("back").appending("file").content() == Array("two".utf8))
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
    }

    @Test("changes in quick succession, of one size and within one tick of the clock, are never missed")
    func quick() throws {
        let place = try Place()
        let source = place.path("source")
        let file = source.appending("file")
        let quiet = source.appending("quiet")
        try quiet.write([1])
        for round in 0..<(isFullEndurance ? 60 : 8) {
            let content = Array("content \(UnicodeScalar(UInt8(65 + round % 26)))".utf8)
            try file.write(content)
            try setTime(file, 1_700_000_000)
            #expect(try place.snapshot(source).code == 0)
            let back = place.path("back")
            #expect(try place.restore(source, to: back).code == 0)
            #expect(try back.appending("file").content() == content, "round \(round)")
        }
    }

    @Test("what was changed in the future or long ago is kept as it is, and a file that stays so is not read for ever")
    func future() throws {
        let place = try Place()
        let source = place.path("source")
        let (file, old) = (source.appending("future"), source.appending("past"))
        try file.write([1, 2, 3])
        try old.write([4])
        try setTime(file, Machine.seconds + 86_400 * 365)
        try setTime(old, -86_400 * 365 * 20)
        Thread.rest(milliseconds: 2_100)
        #expect(try place.snapshot(source).number("files_read") == 2)
        let second = try place.snapshot(source)
        #expect(second.number("files_read") == 0)
        #expect(second.number("data_chunks") == 0)
        #expect(try place.restore(source, to: place.path("back")).code == 0)
        #expect(try TreeFacts.compare(source, place.path("back")) == [])
    }
}
