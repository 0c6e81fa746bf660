import Cairn
import Posix
import Testing

@testable import CairnCommands

@Suite("Progress as text")
struct ProgressLineTests {
    static let gib = 1 << 30

    /// In the middle of a known amount, with trouble on the way.
    static let busy = ProgressSnapshot(
        phase: "saving", filesDone: 1234, filesTotal: 5678, bytesDone: 5 * gib / 4, bytesTotal: 11 * gib / 4,
        currentFile: Array("/home/anna/projects/cairn/Sources/Main.swift".utf8), errors: 2, isTotalFinal: true)

    func layout(_ snapshot: ProgressSnapshot, rate: Double? = nil, elapsed: Double = 12, width: Int) -> [String] {
        ProgressLine.layout(snapshot, bytesPerSecond: rate, elapsed: elapsed, width: width)
    }

    @Test("a wide terminal shows everything")
    func wide() {
        #expect(
            layout(Self.busy, rate: 105 * 1_048_576, width: 200) == [
                "saving  45%  1.25 GiB of 2.75 GiB  1234 of 5678 files  105 MiB/s  0:14 left  2 errors",
                "/home/anna/projects/cairn/Sources/Main.swift",
            ])
    }

    @Test("where there is less room the least important goes first")
    func narrow() {
        let lines = [80, 60, 48, 40, 32, 20, 10].map { layout(Self.busy, rate: 105 * 1_048_576, width: $0) }
        #expect(
            lines == [
                [
                    "saving  45%  1.25 GiB of 2.75 GiB  1234 of 5678 files  0:14 left  2 errors",
                    "/home/anna/projects/cairn/Sources/Main.swift",
                ],
                [
                    "saving  45%  1.25 GiB of 2.75 GiB  0:14 left  2 errors",
                    "/home/anna/projects/cairn/Sources/Main.swift",
                ],
                [
                    "saving  45%  1.25 GiB  0:14 left  2 errors",
                    "/home/anna/projects/cairn/Sources/Main.swift",
                ],
                ["45%  1.25 GiB  0:14 left  2 errors", "/home/anna/p…s/cairn/Sources/Main.swift"],
                ["45%  0:14 left  2 errors", "/home/anna…n/Sources/Main.swift"],
                ["45%  2 errors", "/home/…s/Main.swift"],
                ["45%", "/h….swift"],
            ])
    }

    @Test("no line reaches the last column, wherever the numbers go, down to one column")
    func fits() {
        let odd = ProgressSnapshot(
            phase: "日本\u{1B}[2J", filesDone: .max, filesTotal: .max, bytesDone: .max, bytesTotal: .max,
            currentFile: Array(repeating: 0xE6, count: 300) + [0x0A], errors: .max, isTotalFinal: true)
        for snapshot in [odd, Self.busy, ProgressSnapshot(), ProgressSnapshot(currentFile: [])] {
            for width in 1...250 {
                for line in layout(snapshot, rate: .infinity, elapsed: 1e18, width: width) {
                    #expect(DisplayWidth.of(line) <= max(1, width - 1))
                    #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
                }
            }
        }
    }

    @Test("as long as totals grow there is neither a share nor a time left")
    func growing() {
        var snapshot = Self.busy
        snapshot.isTotalFinal = false
        snapshot.errors = 0
        snapshot.currentFile = nil
        #expect(
            layout(snapshot, rate: 1_048_576, width: 100) == [
                "saving  1.25 GiB of 2.75 GiB  1234 of 5678 files so far  1.00 MiB/s  0:12"
            ])
        #expect(layout(snapshot, width: 50) == ["saving  1.25 GiB of 2.75 GiB so far"])
        #expect(layout(snapshot, width: 30) == ["saving  1.25 GiB of 2.75 GiB"])
        snapshot.filesTotal = nil
        snapshot.bytesTotal = nil
        #expect(layout(snapshot, width: 100) == ["saving  1.25 GiB  1234 files  0:12"])
        #expect(layout(ProgressSnapshot(phase: "looking"), width: 100) == ["looking  0:12"])
    }

    @Test("what is done to the last byte shows no rate and no time left, though it goes on")
    func ending() {
        let snapshot = ProgressSnapshot(
            phase: "making it durable", bytesDone: 2048, bytesTotal: 2048, isTotalFinal: true)
        #expect(
            layout(snapshot, rate: 1_048_576, width: 100) == ["making it durable  100%  2.00 KiB of 2.00 KiB  0:12"])
    }

    @Test("files alone make a share; an operation without anything to do is done")
    func shares() {
        #expect(ProgressSnapshot(filesDone: 1, filesTotal: 4, isTotalFinal: true).share == 0.25)
        #expect(ProgressSnapshot(filesDone: 9, filesTotal: 4, isTotalFinal: true).share == 1)
        #expect(ProgressSnapshot(filesTotal: 0, bytesTotal: 0, isTotalFinal: true).share == 1)
        #expect(ProgressSnapshot(isTotalFinal: true).share == nil)
        #expect(ProgressSnapshot(bytesDone: 1, bytesTotal: 2).share == nil)
    }

    @Test("names that are no text are shown escaped")
    func names() {
        let snapshot = ProgressSnapshot(currentFile: [0x2F, 0xFF, 0x0A, 0x1B, 0x62])
        #expect(layout(snapshot, width: 80)[1] == "/\\xFF\\n\\x1Bb")
    }

    @Test("an operation of the library is shown as it says, whatever its numbers")
    func operation() {
        var operation = OperationProgress.Snapshot()
        operation.phase = "saving"
        operation.filesDone = 1
        operation.bytesDone = .max
        operation.bytesTotal = .max
        operation.current = Path([0x2F, 0xFF])
        operation.failures = 3
        operation.isTotalFinal = true
        #expect(
            ProgressSnapshot(operation)
                == ProgressSnapshot(
                    phase: "saving", filesDone: 1, bytesDone: .max, bytesTotal: .max, currentFile: [0x2F, 0xFF],
                    errors: 3, isTotalFinal: true))
    }

    @Test("a line for a log has everything but the file")
    func plain() {
        #expect(
            ProgressLine.plain(Self.busy, bytesPerSecond: nil, elapsed: 3723)
                == "saving  45%  1.25 GiB of 2.75 GiB  1234 of 5678 files  1:02:03  2 errors")
    }

    @Test("the rate follows a change within seconds, and is the same however often it is read")
    func rate() {
        var often = RateMeter()
        var seldom = RateMeter()
        #expect(often.bytesPerSecond == nil)
        for step in 0...600 { often.add(bytes: step * 100, at: Double(step) / 10) }
        for step in 0...60 { seldom.add(bytes: step * 1000, at: Double(step)) }
        #expect(abs((often.bytesPerSecond ?? 0) - 1000) < 1 && abs((seldom.bytesPerSecond ?? 0) - 1000) < 1)
        // It stops: after one half-life half is left, after many nothing; time that stands still changes nothing.
        often.add(bytes: 60_000, at: 65)
        #expect(abs((often.bytesPerSecond ?? 0) - 500) < 1)
        often.add(bytes: 90_000, at: 65)
        #expect(abs((often.bytesPerSecond ?? 0) - 500) < 1)
        for second in 66...200 { often.add(bytes: 60_000, at: Double(second)) }
        #expect((often.bytesPerSecond ?? 1) < 1)
    }

    @Test("the status line has restic's fields; what cannot be told is null")
    func status() {
        func text(_ snapshot: ProgressSnapshot, rate: Double?) -> String {
            String(decoding: snapshot.status(bytesPerSecond: rate, elapsed: 12.7).bytes, as: UTF8.self)
        }
        let snapshot = ProgressSnapshot(
            filesDone: 3, filesTotal: 4, bytesDone: 75, bytesTotal: 100, currentFile: [0x61, 0xFF], isTotalFinal: true)
        #expect(
            text(snapshot, rate: 10) == """
                {"message_type":"status","percent_done":0.75,"total_files":4,"files_done":3,"total_bytes":100,\
                "bytes_done":75,"seconds_elapsed":12,"seconds_remaining":3,"current_files":["a\\\\xFF"]}
                """)
        #expect(
            text(ProgressSnapshot(filesDone: 3, bytesDone: 75), rate: nil) == """
                {"message_type":"status","percent_done":0.0,"total_files":null,"files_done":3,"total_bytes":null,\
                "bytes_done":75,"seconds_elapsed":12,"seconds_remaining":null,"current_files":[]}
                """)
    }
}
