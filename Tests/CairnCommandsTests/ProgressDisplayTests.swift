import ChildProcess
import CommandLine
import Glibc
import Posix
import Testing

@testable import CairnCommands

/// Lines that are redrawn, on a terminal within the test.
@Suite("The status on a terminal")
struct StatusTests {
    func console(_ screen: Screen, outputToo: Bool = true, term: ArgumentValue = "xterm") -> Console {
        Console(
            environment: Environment(["TERM": term]), output: outputToo ? screen.stream : .output,
            errors: screen.stream)
    }

    @Test("it is drawn over itself, whether it grows or shrinks, and leaves nothing behind")
    func redrawn() throws {
        let screen = try Screen(columns: 40)
        let console = console(screen)
        console.note("before")
        for lines in [["one"], ["first", "second"], ["1st", "2"], ["a longer one"], ["x"]] {
            console.showStatus(lines)
            #expect(screen.text() == ["before"] + lines)
        }
        console.showStatus([])
        console.showStatus([])
        #expect(screen.text() == ["before"])
        console.note("after")
        #expect(screen.text() == ["before", "after"])
    }

    @Test("what else is written goes above it, on both streams")
    func above() throws {
        let screen = try Screen(columns: 200)
        let console = console(screen)
        console.showStatus(["first", "second"])
        console.note("note")
        #expect(screen.text() == ["note", "first", "second"])
        console.print("data")
        #expect(screen.text() == ["note", "data", "first", "second"])
        console.warn("two\nlines")
        let above = ["note", "data", "warning: two", "lines"]
        #expect(screen.text() == above + ["first", "second"])
        console.reportJSON(["a": 1])
        #expect(screen.text() == above + ["{\"a\":1}", "first", "second"])
        console.showStatus([])
        #expect(screen.text() == above + ["{\"a\":1}"])
    }

    @Test("a line that somebody has begun is not drawn over until it is ended")
    func openLine() throws {
        let screen = try Screen(columns: 40)
        let console = console(screen)
        console.showStatus(["status"])
        console.write(Array("begin".utf8))
        #expect(screen.text() == ["begin"])
        console.showStatus(["newer"])
        #expect(screen.text() == ["begin"])
        console.write(Array(" end\n".utf8))
        #expect(screen.text() == ["begin end", "newer"])
    }

    @Test("a terminal that became narrower, and has wrapped it, is cleared all the same")
    func narrower() throws {
        let screen = try Screen(columns: 40)
        let console = console(screen)
        console.note("before")
        var area = StatusArea()
        _ = area.show([String(repeating: "x", count: 39), "file"], columns: 40)
        #expect(String(decoding: area.show(["y"], columns: 20), as: UTF8.self) == "\r\u{1B}[2Ay\u{1B}[K\u{1B}[J")
        #expect(console.errorColumns == 40)
        screen.resize(columns: 20)
        #expect(console.errorColumns == 20)
    }

    @Test("a terminal that cannot move its cursor, and a file, get no control codes", arguments: [true, false])
    func plainPlaces(isDumb: Bool) throws {
        let screen = try Screen(columns: 40)
        let folder = try TemporaryFolder()
        let file = open("\(folder.path)/file", O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let place = isDumb ? screen.stream : StandardStream(descriptor: file)
        let console = Console(environment: Environment(["TERM": "dumb"]), output: place, errors: place)
        console.showStatus(["status"])
        console.note("note")
        #expect(screen.text() == (isDumb ? ["note"] : []))
        if !isDumb { #expect(try SmallFile.read(Path("\(folder.path)/file"), limit: 100) == Array("note\n".utf8)) }
    }
}

@Suite("Progress display")
struct ProgressDisplayTests {
    /// Counts how often it was asked, and lets the test wait for that.
    final class Source: Sendable {
        let asked = Monitor(0)

        func snapshot() -> ProgressSnapshot {
            let count = asked.update { count in
                count += 1
                return count
            }
            return ProgressSnapshot(phase: "saving", filesDone: count, currentFile: Array("/日本語/file".utf8))
        }

        func wait(for count: Int) -> Bool { asked.wait(milliseconds: 60_000) { $0 >= count } }
    }

    func context(_ words: [ArgumentValue], _ console: Console) throws -> CommandContext {
        let request = try CairnProgram.program.parse(words + ["version"], environment: Environment([:]))
        guard case .run(let invocation) = request else { throw ChildFailure(reason: "no command") }
        return try CommandContext(globals: invocation.globals, environment: Environment([:]), console: console)
    }

    @Test("on a terminal two lines are drawn while the body runs, and are gone when it has ended or failed")
    func redrawn() throws {
        let screen = try Screen(columns: 20)
        let console = Console(environment: Environment([:]), output: screen.stream, errors: screen.stream)
        let source = Source()
        let display = ProgressDisplay(.redrawn, console, intervalMilliseconds: 1) { source.snapshot() }
        #expect(source.wait(for: 20))
        console.note("kept")
        #expect(source.wait(for: source.asked.withLock { $0 } + 3))
        display.end()
        display.end()
        #expect(screen.text() == ["kept"])
        let shown = String(decoding: screen.received, as: UTF8.self)
        #expect(shown.contains("saving  ") && shown.contains("/日本語/file"))
        let context = try context([], console)
        #expect(throws: CommandFailure.self) {
            try ProgressDisplay.during(context, snapshot: { source.snapshot() }) {
                #expect(source.wait(for: source.asked.withLock { $0 } + 3))
                throw Interruption.failure
            }
        }
        #expect(screen.text() == ["kept"])
    }

    @Test("in a log it adds lines without control codes; as status, lines of JSON to standard output")
    func lines() throws {
        let folder = try TemporaryFolder()
        let output = open("\(folder.path)/output", O_RDWR | O_CREAT, 0o600)
        let errors = open("\(folder.path)/errors", O_RDWR | O_CREAT, 0o600)
        defer { [output, errors].forEach { close($0) } }
        let console = Console(
            environment: Environment([:]), output: StandardStream(descriptor: output),
            errors: StandardStream(descriptor: errors))
        for mode in [ProgressDisplay.Mode.plain, .status] {
            let source = Source()
            let display = ProgressDisplay(mode, console, intervalMilliseconds: 1) { source.snapshot() }
            #expect(source.wait(for: 5))
            display.end()
        }
        func written(_ name: String) throws -> [Substring] {
            let bytes = try SmallFile.read(Path("\(folder.path)/\(name)"), limit: 1 << 20)
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        }
        let log = try written("errors")
        #expect(log.count >= 3 && log.allSatisfy { $0.hasPrefix("saving  ") && $0.hasSuffix("  0:00") }, "\(log)")
        let status = try written("output")
        #expect(status.count >= 3)
        #expect(status.allSatisfy { $0.hasPrefix("{\"message_type\":\"status\",") && $0.hasSuffix("}") })
    }

    @Test("options and terminal decide how it is shown")
    func modes() throws {
        let screen = try Screen(columns: 80)
        let terminal = Console(environment: Environment([:]), output: screen.stream, errors: screen.stream)
        let dumb = Console(environment: Environment(["TERM": "dumb"]), output: screen.stream, errors: screen.stream)
        let nowhere = open("/dev/null", O_RDWR)
        defer { close(nowhere) }
        let stream = StandardStream(descriptor: nowhere)
        let log = Console(environment: Environment([:]), output: stream, errors: stream)
        let cases: [([ArgumentValue], Console, ProgressDisplay.Mode?)] = [
            ([], terminal, .redrawn), ([], dumb, .plain), ([], log, nil), (["--progress"], log, .plain),
            (["--no-progress"], terminal, nil), (["-q"], terminal, nil), (["-q", "--progress"], terminal, .redrawn),
            (["--json"], terminal, .status), (["--json"], log, .status), (["--json", "--no-progress"], log, nil),
            (["--json", "-q"], log, nil), (["--json", "--progress"], log, .status),
        ]
        for (words, console, mode) in cases {
            #expect(ProgressDisplay.Mode(try context(words, console), reportsStatus: true) == mode, "\(words)")
        }
        #expect(ProgressDisplay.Mode(try context(["--json", "--progress"], log), reportsStatus: false) == nil)
    }
}
