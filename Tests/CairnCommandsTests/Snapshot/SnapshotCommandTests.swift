import ChildProcess
import Testing

@Suite("cairn snapshot")
struct SnapshotCommandTests {
    private let scene: BrowsingScene

    init() throws {
        scene = try BrowsingScene()
        try scene.shell("mkdir s/d; printf 12345 > s/a; printf 678 > s/d/b; ln -s a s/l")
    }

    /// A field of a line of JSON, as it is written there.
    static func field(_ name: String, _ json: String) -> String? {
        json.split(separator: "\"\(name)\":").dropFirst().first.map { String($0.prefix { !",}]".contains($0) }) }
    }

    private func manifest(_ name: String) throws -> String? {
        Self.field(name, try scene.run("manifest", "latest", "--json"))
    }

    private func count() throws -> Int {
        try scene.run("snapshots", "--json").split(separator: "\"short_id\"").count - 1
    }

    @Test("it says what it took and under which id, all on standard error")
    func words() throws {
        let outcome = try scene.outcome(["snapshot", "s"])
        #expect(outcome.code == 0 && outcome.output.isEmpty)
        let id = try #require(
            Self.field("short_id", try scene.run("snapshots", "--json"))?.split(separator: "\"").first)
        let lines = outcome.errorLines
        #expect(lines.count == 5, "\(lines)")
        #expect(lines.first == "files:    2 new, 0 changed, 0 unchanged")
        #expect(lines[2] == "others:   1 new, 0 changed, 0 unchanged")
        #expect(
            lines[3].hasPrefix("2 files, 8 B, 2 read, in ")
                && lines[3].contains(" B new with the lists of folders, stored in "))
        #expect(lines[4] == "snapshot \(id) saved: full")
        try scene.shell("printf 9 >> s/a")
        let second = try scene.outcome(["backup", "s"]).errorLines
        #expect(second.first == "files:    0 new, 1 changed, 1 unchanged")
        #expect(second.last?.hasSuffix("saved: incremental, compared with \(id)") == true)
    }

    @Test("a quiet run says nothing, a verbose one every item that is new or has changed, escaped")
    func verbosity() throws {
        let quiet = try scene.outcome(["snapshot", "-q", "s"])
        #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
        try scene.shell("printf 9 >> s/a; printf 1 > \"$(printf 's/n\\nl\\033')\"")
        let verbose = try scene.outcome(["snapshot", "-v", "s"])
        let items = verbose.errorLines.filter { $0.hasPrefix("new ") || $0.hasPrefix("changed ") }
        #expect(
            Set(items) == [
                "changed  \(scene.source)/a", "new      \(scene.source)/n\\nl\\x1B", "changed  \(scene.source)",
            ])
        // Without the journal everything is read again, and what is said is the same.
        try scene.shell("printf 8 > s/d/c; rm -rf c")
        let again = try scene.outcome(["snapshot", "-v", "s"]).errorLines
        #expect(
            Set(again.filter { $0.hasPrefix("new ") || $0.hasPrefix("changed ") }) == [
                "new      \(scene.source)/d/c", "changed  \(scene.source)/d",
            ])
        let json = try scene.script("printf 7 > s/e; \"$cairn\" snapshot -v --json s").outputText
        #expect(
            json.contains("{\"message_type\":\"verbose_status\",\"action\":\"new\",\"item\":\"\(scene.source)/e\"}\n"))
    }

    @Test("tags, labels, host and time are in the manifest")
    func description() throws {
        _ = try scene.run(
            "snapshot", "s", "--tag", "x,y", "--tag", "z", "--host", "amber", "--label", "k=v=w", "--label", "e=",
            "--time", "2001-02-03 04:05:06")
        let json = try scene.run("manifest", "latest", "--json")
        #expect(json.contains("\"tags\":[\"x\",\"y\",\"z\"]") && json.contains("\"hostname\":\"amber\""))
        #expect(json.contains("\"k\":\"v=w\"") && json.contains("\"e\":\"\""))
        #expect(json.contains("\"time\":\"2001-02-03T04:05:06"))
        let twice = try scene.outcome(["snapshot", "s", "--label", "k=v", "--label", "e=", "--label", "k=w"])
        #expect(twice.code == 2 && twice.errorLines.first == "cairn: the label \"k\" is given more than once")
        #expect(try count() == 1)
    }

    @Test("a dry run tells what would change, and leaves the repository as it is")
    func dryRun() throws {
        let before = try scene.shell("find r -type f | sort | xargs sha256sum")
        let first = try scene.outcome(["snapshot", "-n", "s"])
        #expect(first.code == 0 && first.errorLines.last?.hasPrefix("2 files, 8 B, 2 read; ") == true)
        #expect(first.errorLines.last?.hasSuffix("no snapshot was made") == true)
        #expect(try scene.shell("find r -type f | sort | xargs sha256sum") == before)
        _ = try scene.run("snapshot", "s")
        try scene.shell("printf 1 > s/n")
        let second = try scene.outcome(["snapshot", "-n", "s"])
        #expect(second.errorLines.first == "files:    1 new, 0 changed, 2 unchanged")
        #expect(second.errorLines[1] == "folders:  0 new, 1 changed, \(try depth() + 1) unchanged")
        #expect(try count() == 1)
        let json = try scene.outcome(["snapshot", "-n", "--json", "s"]).outputText
        #expect(Self.field("dry_run", json) == "true" && Self.field("snapshot_id", json) == "null")
        // What the rehearsal read is not taken for stored.
        #expect(try scene.outcome(["snapshot", "s"]).errorLines.first == "files:    1 new, 0 changed, 2 unchanged")
        #expect(try scene.run("cat", "latest:\(scene.source)/n") == "1")
    }

    /// How many folders lie above the source, with the root.
    private func depth() throws -> Int { scene.source.split(separator: "/").count }

    @Test("an unchanged source makes no snapshot where that is asked for")
    func skipping() throws {
        _ = try scene.run("snapshot", "--skip-if-unchanged", "s")
        let outcome = try scene.outcome(["snapshot", "--skip-if-unchanged", "s"])
        #expect(outcome.code == 0 && outcome.errorLines.last?.hasSuffix("no snapshot was made") == true)
        let json = try scene.outcome(["snapshot", "--skip-if-unchanged", "--json", "s"])
        #expect(json.code == 0 && Self.field("snapshot_id", json.outputText) == "null")
        #expect(try count() == 1)
        try scene.shell("chmod 600 s/a; chmod 640 s/a")
        _ = try scene.run("snapshot", "--skip-if-unchanged", "s")
        #expect(try count() == 2)
    }

    @Test(
        "every compression gives the same bytes back, and what is no level is refused",
        arguments: ["off", "auto", "max", "1", "19"])
    func compression(level: String) throws {
        try scene.shell("yes abcdefg | head -c 300000 > s/t")
        let json = try scene.outcome(["snapshot", "s", "--json", "--compression", level]).outputText
        let stored = Int(Self.field("data_added_stored", json) ?? "") ?? 0
        #expect(level == "off" ? stored > 20_000 : stored < 20_000, "\(json)")
        #expect(try scene.script("\"$cairn\" cat latest:\(scene.source)/t | cmp - s/t").code == 0)
        let wrong = try scene.outcome(["snapshot", "s", "--compression", "20"])
        #expect(wrong.code == 2 && wrong.errorText.contains("write off, auto, max, or a number from 1 to 19"))
    }

    @Test("what was stored is read back where that is asked for")
    func verifying() throws {
        #expect(try scene.outcome(["snapshot", "s", "--verify", "packs"]).code == 0)
        #expect(try scene.outcome(["snapshot", "s", "--verify", "nothing"]).code == 2)
    }

    @Test("a parent is compared with, and --force reads everything")
    func parent() throws {
        _ = try scene.run("snapshot", "s")
        try scene.shell("printf 1 > s/n")
        _ = try scene.run("snapshot", "s")
        #expect(try scene.outcome(["snapshot", "s"]).errorLines.first == "files:    0 new, 0 changed, 3 unchanged")
        let outcome = try scene.outcome(["snapshot", "s", "--parent", "latest~2"])
        #expect(outcome.errorLines.first == "files:    1 new, 0 changed, 2 unchanged")
        let forced = try scene.outcome(["snapshot", "s", "--force", "--json"]).outputText
        #expect(Self.field("files_read", forced) == "3" && Self.field("strategy", forced) == "\"full\"")
        #expect(try scene.outcome(["snapshot", "s", "--parent", "abcdef"]).code == 1)
        #expect(try scene.outcome(["snapshot", "s", "--parent", "latest:/x"]).code == 2)
    }

    @Test("a file that has rested is not read again; without a journal it is, unless modification times are trusted")
    func journal() throws {
        try scene.shell("sleep 2.1")
        let runs = ["", "", "rm -rf c;", "rm -rf c;"]
        let options = ["", "", "", "--trust mtime"]
        let read = try zip(runs, options).map { script, option in
            Self.field("files_read", try scene.script("\(script) \"$cairn\" snapshot --json s \(option)").outputText)
        }
        #expect(read == ["2", "0", "2", "0"])
    }

    @Test("its JSON is as the schema says")
    func schema() throws {
        try scene.shell("printf 1 > \"$(printf 's/not\\377text')\"")
        let script = "(printf x; sleep 1.5) | \"$cairn\" snapshot --json --stdin"
        for (outcome, code, kinds) in [
            (try scene.outcome(["snapshot", "s", "--json", "-v", "-x"]), 0, ["verbose_status", "summary"]),
            (try scene.script(script), 0, ["status", "summary"]),
            (try scene.outcome(["snapshot", "s", "s/a", "missing", "--json"]), 3, ["error", "note", "summary"]),
            (try scene.outcome(["snapshot", "missing", "--json"]), 1, ["error", "exit_error"]),
            (try scene.outcome(["snapshot", "--json"]), 2, ["exit_error"]),
            (try scene.outcome(["snapshot", "-r", "\(scene.folder.path)/nowhere", "s", "--json"]), 10, ["exit_error"]),
        ] {
            #expect(outcome.code == code, "\(outcome.errorText)")
            let lines = outcome.output + outcome.errors
            #expect(try SchemaCheck.complaints(lines, schema: "snapshot", lines: true) == "")
            let found = Set(
                String(decoding: lines, as: UTF8.self).split(separator: "\n").compactMap {
                    Self.field("message_type", String($0))
                })
            #expect(found == Set(kinds.map { "\"\($0)\"" }))
        }
    }

    @Test("a reader of its JSON that has gone away is no error")
    func closedPipe() throws {
        let script = "\"$cairn\" snapshot -v --json s | true; \"$cairn\" snapshots --json"
        #expect(try scene.script(script).outputText.contains("short_id"))
    }
}
