import Cairn
import ChildProcess
import Posix
import Storage
import Testing

@testable import CairnCommands

@Suite("Listing snapshots")
struct SnapshotsTests {
    static func scene() throws -> SnapshotScene {
        let scene = try SnapshotScene()
        try scene.commit("a1", at: "2026-01-01T12:00:00+01:00", tags: ["x", "y"])
        try scene.commit("b2", at: "2026-01-02T12:00:00Z", host: "basalt", tags: ["x"])
        try scene.commit("c3", at: "2026-01-03T12:00:00.5Z") {
            $0.strategy = .incremental
            $0.incomplete = true
            $0.statistics.totalBytesProcessed = 3 << 20
            $0.statistics.totalFilesProcessed = 1_234
        }
        return scene
    }

    @Test("snapshots stand below their source, the oldest first, with local times and what is incomplete")
    func table() throws {
        let scene = try Self.scene()
        let outcome = try scene.run("snapshots")
        #expect(
            outcome.outputText == """
                amber: /home/ada
                ID        Time                 Strategy   Size  Files  Tags  Remarks
                a1000000  2026-01-01 11:00:00  full        0 B      0  x,y
                c3000000  2026-01-03 12:00:00  incr      3 MiB   1234        incomplete

                basalt: /home/ada
                ID        Time                 Strategy  Size  Files  Tags
                b2000000  2026-01-02 12:00:00  full       0 B      0  x

                """)
        #expect(outcome.code == 0 && outcome.errorText == "3 snapshots\n")
        let berlin = try scene.run("list", "a1", environment: ["TZ": "CET-1CEST,M3.5.0,M10.5.0/3"])
        #expect(berlin.outputText.contains("a1000000  2026-01-01 12:00:00"))
        #expect(berlin.errorText == "1 snapshot\n")
        let other = try scene.run("snapshots", "--host", "beryl")
        #expect(other.code == 0 && other.errorText == "no snapshots that fit; there are 3 in all\n")
        let summer = try scene.run("snapshots", "--since", "2026-01-03 17:30", environment: ["TZ": "XYZ-5:30"])
        #expect(summer.outputText.contains("2026-01-03 17:30:00"))
    }

    @Test(
        "options and names choose which are shown",
        arguments: [
            ("", "abc"), ("--host amber", "ac"), ("--tag x", "ab"), ("--tag x,y", "a"), ("--tag y --tag x", "ab"),
            ("--tag=", "c"), ("--path /home/ada/../ada/", "abc"), ("--path /home", ""), ("--strategy incremental", "c"),
            ("--since 2026-01-02", "bc"), ("--until 2026-01-02", "ab"), ("--since 2026-01-03T12:00:01Z", ""),
            ("--until 2026-01-03T12:00:00Z", "abc"), ("--since 999y", "abc"), ("--since 1h", ""),
            ("--latest 1", "bc"), ("--latest 2", "abc"), ("latest", "c"), ("latest~1", "b"), ("a b", "ab"),
            ("latest --host basalt", "b"), ("latest~1 --tag x", "a"), ("d", "exit 1"), ("latest~3", "exit 1"),
            ("--since yesterday", "exit 2"), ("--strategy some", "exit 2"), ("a:/home", "exit 2"), ("x", "exit 2"),
        ])
    func choosing(_ words: String, _ ids: String) throws {
        #expect(try Self.scene().ids(words.split(separator: " ").map(String.init)) == ids)
    }

    @Test("JSON is one array of manifests with their ids, also where there are none")
    func json() throws {
        let scene = try SnapshotScene()
        #expect(try scene.run("snapshots", "--json").outputText == "[]\n")
        try scene.commit("a1", at: "2026-01-01T12:00:00+01:00", tags: ["\u{9B}31m"])
        let outcome = try scene.run("snapshots", "--json")
        let id = "a1000000000000000000000000000000"
        #expect(outcome.outputText.hasPrefix("[{\"id\":\"\(id)\",\"short_id\":\"a1000000\",\"base\":null,"))
        #expect(outcome.outputText.contains("\"snapshot_id\":\"\(id)\""))
        #expect(outcome.outputText.contains("\"tags\":[\"\\u009b31m\"]"))
        #expect(outcome.outputText.contains("\"time\":\"2026-01-01T12:00:00.000000000+01:00\""))
        #expect(outcome.outputText.hasSuffix("}]\n"))
        let python = "import json,sys; [print(m['id'], m['statistics']['files_new']) for m in json.load(sys.stdin)]"
        var reader = ChildProcess("/usr/bin/env", ["python3", "-c", python])
        reader.input = outcome.output
        #expect(try reader.run().outputText == "\(id) 0\n")
    }

    @Test("names from outside cannot act on the terminal, and fit into its width")
    func hostile() throws {
        let scene = try SnapshotScene()
        let paths = [Array("/a\u{1B}[31m\n".utf8) + [0xFF], Array("/\(String(repeating: "界", count: 100))".utf8)]
        let tags = [String(repeating: "é", count: 50), String(repeating: "界", count: 50)]
        try scene.commit("a1", at: "2026-01-01T12:00:00Z", host: "h\u{7}", paths: paths, tags: tags)
        let whole = try scene.run("snapshots").outputText
        #expect(whole.contains("h\\x07:\n") && whole.contains("  /a\\x1B[31m\\n\\xFF\n"))
        #expect(whole.contains(tags[1]))
        let narrow = try scene.run("snapshots", environment: ["COLUMNS": "60"]).outputText
        let lines = narrow.split(separator: "\n")
        #expect(lines.allSatisfy { DisplayWidth.of(String($0)) <= 60 }, "\(narrow)")
        #expect(lines.last?.hasSuffix("…") == true && lines.last?.contains("2026-01-01 12:00:00") == true)
    }

    @Test("a damaged manifest is warned of, costs the others nothing, and makes the exit code 5")
    func damaged() throws {
        let scene = try Self.scene()
        let name = "\(scene.location)/manifests/\(String(repeating: "0", count: 64))"
        try SmallFile.replace(Path(name), with: Array("torn".utf8))
        let outcome = try scene.run("snapshots")
        #expect(outcome.code == 5 && outcome.outputText.contains("c3000000"))
        #expect(outcome.errorLines.first?.hasPrefix("error: \(name): ") == true, "\(outcome.errorText)")
        let missing = try scene.run("snapshots", "dd")
        #expect(missing.code == 1 && missing.errorText.contains("1 manifest cannot be read"))
    }

    @Test("where there is no repository the exit code is 10")
    func noRepository() throws {
        let scene = try SnapshotScene()
        #expect(try scene.run("snapshots", "-r", "\(scene.folder.path)/none").code == 10)
    }
}

@Suite("Tables")
struct TextTableTests {
    @Test("a last column that may be wrapped goes on below itself, and loses nothing")
    func wrapped() {
        var table = TextTable([.init(title: "ID"), .init(title: "Why", isWrapped: true)])
        table.add(["abc", "one two three four five six"])
        #expect(table.lines(width: 21) == ["ID   Why", "abc  one two three", "     four five six"])
        #expect(table.lines(width: nil) == ["ID   Why", "abc  one two three four five six"])
        #expect(DisplayWidth.wrapped("a 日本語 long", to: 4) == ["a", "日本", "語", "long"])
        #expect(DisplayWidth.wrapped("", to: 4) == [""])
    }

    @Test("wide and combining characters are counted as terminals draw them")
    func widths() {
        for (text, width) in [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("界", 2), ("ｆ", 2), ("한", 2)] {
            #expect(DisplayWidth.of(text) == width, "\(text)")
        }
        #expect(DisplayWidth.cut("abcdef", to: 6) == "abcdef" && DisplayWidth.cut("abcdef", to: 5) == "abcd…")
        #expect(DisplayWidth.cut("界界界", to: 4) == "界…" && DisplayWidth.cut("ab", to: 1) == "…")
        #expect(DisplayWidth.cut("ab", to: 0).isEmpty)
    }

    @Test("numbers end at the same place, empty columns are left out, and only elastic ones are cut")
    func layout() {
        var table = TextTable([
            .init(title: "N", isNumber: true), .init(title: "Empty"), .init(title: "Name", isElastic: true),
            .init(title: "End"),
        ])
        table.add(["1", "", "long enough to be cut", "x"])
        table.add(["100", "", "short", "yy"])
        #expect(table.lines(width: nil)[1...] == ["  1  long enough to be cut  x", "100  short                  yy"])
        #expect(table.lines(width: 20) == ["  N  Name        End", "  1  long enou…  x", "100  short       yy"])
        #expect(table.lines(width: 1)[1] == "  1  long …  x")
    }
}
