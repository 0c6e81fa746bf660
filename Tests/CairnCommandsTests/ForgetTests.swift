import Cairn
import ChildProcess
import ChunkStore
import Posix
import Storage
import Testing

@Suite("Forgetting snapshots from the command line")
struct ForgetTests {
    /// Three of one source, the newest incomplete, and one of another.
    private static func scene() throws -> SnapshotScene {
        let scene = try SnapshotScene()
        try scene.commit("a1", at: "2026-01-01T12:00:00+01:00", tags: ["x", "y"])
        try scene.commit("b2", at: "2026-01-02T12:00:00Z")
        try scene.commit("c3", at: "2026-01-02T18:00:00Z") { $0.incomplete = true }
        try scene.commit("d4", at: "2026-01-03T12:00:00Z", host: "basalt", tags: ["x"])
        return scene
    }

    /// What is there and what is forgotten, one character a snapshot.
    private static func state(_ scene: SnapshotScene) throws -> String {
        "\(try scene.ids([]))|\(try scene.ids(["--forgotten"]))"
    }

    @Test("a policy says for each snapshot why it is kept, and forgets the others")
    func policy() throws {
        let scene = try Self.scene()
        let words = ["forget", "--keep-daily", "1", "--keep-tag", "y"]
        let table = """
            amber: /home/ada
            ID        Time                 Offset  Tags  Remarks     Decision  Reasons
            a1000000  2026-01-01 12:00:00  +01:00  x,y               keep      has tags y
            b2000000  2026-01-02 12:00:00                            keep      last complete snapshot of its source
            c3000000  2026-01-02 18:00:00                incomplete  keep      daily snapshot (room for 0 more)

            basalt: /home/ada
            ID        Time                 Tags  Decision  Reasons
            d4000000  2026-01-03 12:00:00  x     keep      daily snapshot (room for 0 more)


            """
        let narrow = try scene.run(words, environment: ["COLUMNS": "80"])
        #expect(narrow.outputText.contains("  keep      last complete\n"), "\(narrow.outputText)")
        #expect(!narrow.outputText.contains("…"), "\(narrow.outputText)")
        for line in narrow.outputText.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let kept = try scene.run(words)
        #expect(kept.outputText == table + "forgot 0 of 4 snapshots\n")
        #expect(kept.code == 0 && kept.errors.isEmpty)
        let outcome = try scene.run("forget", "-d", "1", "--allow-last")
        #expect(outcome.code == 0 && outcome.outputText.hasSuffix("\nforgot 2 of 4 snapshots\n"))
        #expect(outcome.outputText.contains("\nb2000000  2026-01-02 12:00:00                            forget\n"))
        #expect(outcome.errorText.contains("cairn undelete"))
        #expect(try Self.state(scene) == "cd|ab")
    }

    @Test(
        "options choose what is kept",
        arguments: [
            ("-l 1", "bcd|a"), ("-l 1 --allow-last", "cd|ab"), ("--keep-last=unlimited", "abcd|"), ("-l -1", "abcd|"),
            ("-H 1", "bcd|a"), ("-H 2", "bcd|a"), ("-d 5 --allow-last", "acd|b"), ("-w 1 --allow-last", "cd|ab"),
            ("-m 2 --allow-last", "acd|b"), ("-y 1", "bcd|a"), ("--keep-within 1h", "bcd|a"),
            ("--keep-within 1d7h --allow-last", "bcd|a"), ("--keep-within 1d8h", "abcd|"),
            ("--keep-within-hourly 7h", "bcd|a"), ("--keep-within-daily 1y --allow-last", "acd|b"),
            ("--keep-within-weekly 1y --allow-last", "acd|b"), ("--keep-within-monthly 1y --allow-last", "acd|b"),
            ("--keep-within-yearly 1y --allow-last", "acd|b"), ("--keep-tag x,y", "abd|c"),
            ("--keep-tag=", "bcd|a"), ("--keep-tag= --allow-last", "bc|ad"), ("-l 1 --group-by host", "bcd|a"),
            ("-l 1 -g none --allow-last", "d|abc"), ("-l 1 --group-by= --allow-last", "d|abc"),
            ("-l 1 -g tags --allow-last", "acd|b"), ("-l 1 -g paths", "bd|ac"), ("-l 2 --tag x", "abcd|"),
            ("-l 1 --host basalt", "abcd|"), ("-l 1 --until 2026-01-02T12:00:00Z", "bcd|a"), ("-n -l 1", "abcd|"),
        ])
    func options(_ words: String, _ left: String) throws {
        let scene = try Self.scene()
        let outcome = try scene.run(["forget"] + words.split(separator: " ").map(String.init))
        #expect(outcome.code == 0, "\(outcome.errorText)")
        #expect(try Self.state(scene) == left, "\(outcome.outputText)")
    }

    @Test(
        "what does not say what is to be kept or forgotten is a usage error, and forgets nothing",
        arguments: [
            "", "--keep-last 0", "--keep-within 0d", "--tag x", "-l 1 a1", "-l -2", "-l many", "--keep-within 3w",
            "--group-by colour -l 1", "a1:/home", "--now -l 1", "--keep-tag a\u{7} -l 1",
        ])
    func usage(_ words: String) throws {
        let scene = try Self.scene()
        let outcome = try scene.run(["forget"] + words.split(separator: " ").map(String.init))
        #expect(outcome.code == 2 && outcome.output.isEmpty, "\(outcome.outputText)")
        #expect(try Self.state(scene) == "abcd|")
    }

    @Test("named snapshots are forgotten, one line each, and come back")
    func named() throws {
        let scene = try Self.scene()
        let dry = try scene.run("forget", "--dry-run", "a1", "latest", "--host", "amber")
        #expect(dry.outputText.contains("would forget snapshot a1000000 of 2026-01-01 11:00:00, amber: /home/ada\n"))
        #expect(dry.outputText.hasSuffix("\nwould forget 2 snapshots\n") && dry.errors.isEmpty)
        #expect(try Self.state(scene) == "abcd|")
        let none = try scene.run("undelete", "latest")
        #expect(none.code == 1 && none.errorLines.first == "cairn: no snapshot is forgotten", "\(none.errorText)")
        let outcome = try scene.run("forget", "latest", "a1", "c3", "--host", "amber")
        #expect(
            outcome.outputText == """
                forgot snapshot a1000000 of 2026-01-01 11:00:00, amber: /home/ada
                forgot snapshot c3000000 of 2026-01-02 18:00:00, amber: /home/ada
                forgot 2 snapshots

                """)
        #expect(try Self.state(scene) == "bd|ac")
        let again = try scene.run("forget", "a1", "--allow-last", "b2")
        #expect(again.code == 0 && again.errorText.hasPrefix("snapshot a1000000 is forgotten already\n"))
        #expect(again.outputText.hasSuffix("\nforgot 1 snapshot\n"), "\(again.outputText)")
        let nothing = try scene.run("forget", "a1")
        #expect(nothing.code == 0 && nothing.output.isEmpty, "\(nothing.outputText)")
        #expect(try Self.state(scene) == "d|abc")
        let back = try scene.run("undelete", "latest", "a", "d")
        #expect(
            back.outputText == """
                brought back snapshot a1000000 of 2026-01-01 11:00:00, amber: /home/ada
                brought back snapshot c3000000 of 2026-01-02 18:00:00, amber: /home/ada
                brought back 2 snapshots

                """)
        #expect(back.code == 0 && back.errorText == "snapshot d4000000 is not forgotten\n")
        #expect(try Self.state(scene) == "acd|b")
    }

    @Test("of a source of which no snapshot is complete the last stays, whether it is named or a policy looks at it")
    func lastIncomplete() throws {
        let scene = try Self.scene()
        #expect(try scene.run("forget", "a1", "b2", "--allow-last").code == 0)
        let named = try scene.run("forget", "c3")
        #expect(named.code == 1 && named.output.isEmpty)
        #expect(named.errorLines[0] == "cairn: snapshot c3000000 is the last one of amber: /home/ada")
        let kept = try scene.run("forget", "--keep-tag", "y")
        #expect(kept.code == 0 && kept.outputText.contains("keep      last snapshot of its source\n"))
        #expect(try Self.state(scene) == "cd|ab")
        let last = try scene.run("forget", "c3", "--allow-last")
        #expect(last.code == 0 && last.errorText.contains("brings it back, until prune gives its space back"))
        #expect(try Self.state(scene) == "d|abc")
    }

    @Test("where one name cannot be resolved, or is the last complete snapshot of its source, nothing is done")
    func refused() throws {
        let scene = try Self.scene()
        for words in [["a1", "ee"], ["a1", "b2"], ["a1", "d4"], ["a1", "latest~9"], ["-n", "b2"]] {
            let outcome = try scene.run(["forget"] + words)
            #expect(outcome.code == 1 && outcome.output.isEmpty && outcome.errorText.contains("hint: "), "\(words)")
        }
        let last = try scene.run("forget", "a1", "b2")
        #expect(last.errorLines[0] == "cairn: snapshot b2000000 is the last complete one of amber: /home/ada")
        #expect(last.errorLines[1].contains("--allow-last"))
        #expect(try Self.state(scene) == "abcd|")
        #expect(try scene.run("forget", "a1", "c3").code == 0)
        let undelete = try scene.run("undelete", "a1", "ee")
        #expect(undelete.code == 1 && undelete.errorText.contains("snapshots --forgotten"))
        #expect(try scene.run("undelete").code == 2)
        #expect(try Self.state(scene) == "bd|ac")
    }

    @Test("forgotten snapshots are listed with when they were forgotten, on the clock of whoever looks")
    func listing() throws {
        let scene = try Self.scene()
        #expect(try scene.run("snapshots", "--forgotten").errorText == "no forgotten snapshots\n")
        _ = try scene.run("forget", "a1")
        let id = try scene.store.forgottenRoots().roots[0].root.id
        let storage = try scene.storage()
        for file in try storage.list("forgotten", recursive: false) {
            try storage.rename(file.name, to: "forgotten/1790000000-\(id)")
        }
        let outcome = try scene.run("snapshots", "--forgotten")
        #expect(
            outcome.outputText == """
                amber: /home/ada
                ID        Time                 Strategy  Size  Files  Tags  Forgotten
                a1000000  2026-01-01 11:00:00  full       0 B      0  x,y   2026-09-21 14:13:20

                """)
        #expect(outcome.code == 0 && outcome.errorText == "1 forgotten snapshot\n")
        let json = try scene.run("snapshots", "--forgotten", "--json").outputText
        #expect(json.contains("\"short_id\":\"a1000000\",\"forgotten\":\"2026-09-21T14:13:20.000000000+00:00\","))
        #expect(try scene.run("snapshots", "--forgotten", "b2").code == 1)
    }

    @Test("JSON tells what was decided and what was done")
    func json() throws {
        let scene = try Self.scene()
        let a1 = """
            {"id":"a1000000000000000000000000000000","short_id":"a1000000",\
            "time":"2026-01-01T12:00:00.000000000+01:00","hostname":"amber","paths":["/home/ada"],"tags":["x","y"]
            """
        let dry = try scene.run("forget", "--json", "-n", "-l", "1", "--host", "amber").outputText
        #expect(
            dry.hasPrefix(
                "{\"dry_run\":true,\"chosen\":3,\"kept\":2,\"forgotten\":[\(a1)}],\"unreadable\":[],\"groups\":[{\"host\":\"amber\","
            ))
        #expect(dry.contains("\(a1),\"incomplete\":false,\"kept\":false,\"reasons\":[]}"))
        #expect(dry.contains("\"kept\":true,\"reasons\":[\"last complete snapshot of its source\"]}"))
        #expect(dry.contains("\"incomplete\":true,\"kept\":true,\"reasons\":[\"last snapshot (room for 0 more)\"]}"))
        let named = try scene.run("forget", "--json", "a1").outputText
        #expect(
            named
                == "{\"dry_run\":false,\"chosen\":1,\"kept\":0,\"forgotten\":[\(a1)}],\"unreadable\":[],\"groups\":[],\"prune\":null}\n"
        )
        #expect(
            try scene.run("undelete", "--json", "a1").outputText == "{\"brought_back\":[\(a1)}],\"unreadable\":[]}\n")
    }

    @Test("a damaged manifest costs the others nothing, and what might mean it is refused")
    func damaged() throws {
        let scene = try Self.scene()
        let storage = try scene.storage()
        func tear(_ name: String) throws {
            try storage.write(Array("torn".utf8), as: name, temporaryName: "tmp/torn")
        }
        try tear("manifests/\(String(repeating: "0", count: 64))")
        let latest = try scene.run("forget", "latest", "--allow-last")
        #expect(latest.code == 5 && latest.errorText.contains("which snapshot is meant cannot be known"))
        #expect(try scene.run("forget", "a1").code == 5)
        #expect(try scene.run("forget", "-l", "1", "--host", "amber").code == 5)
        #expect(try SnapshotList(scene.store).snapshots.map(\.id.short) == ["b2000000", "c3000000", "d4000000"])
        try tear("forgotten/5-\(String(repeating: "1", count: 64))")
        #expect(try scene.run("undelete", "latest").code == 5)
        let back = try scene.run("undelete", "a1")
        #expect(back.code == 5 && back.outputText.contains("brought back snapshot a1000000"))
    }

    @Test("a manifest that is damaged beyond reading is forgotten by its file's name, and comes back so")
    func unreadable() throws {
        let scene = try Self.scene()
        let id = "0123456789" + String(repeating: "0", count: 54)
        try scene.storage().write(Array("torn".utf8), as: "manifests/\(id)", temporaryName: "tmp/torn")
        #expect(try scene.run("forget", "0123456").code == 1)
        #expect(
            try scene.run("forget", "-n", "01234567").outputText.contains(
                "would forget the damaged manifest 01234567\n"))
        let outcome = try scene.run("forget", "0123456789", "01234567", "a1")
        #expect(outcome.code == 4 && outcome.outputText.contains("forgot the damaged manifest 01234567\n"))
        #expect(try Self.state(scene) == "bcd|exit 5")
        let back = try scene.run("undelete", "--json", "01234567")
        #expect(back.code == 5 && back.outputText == "{\"brought_back\":[],\"unreadable\":[\"\(id)\"]}\n")
        #expect(try Self.state(scene) == "exit 5|exit 5")
        let json = try scene.run("forget", "--json", "01234567")
        #expect(json.outputText.contains("\"forgotten\":[],\"unreadable\":[\"\(id)\"],"))
    }

    @Test(
        "where a failure comes in the middle, what was done is said",
        .enabled(if: ChildProcess.find("strace") != nil),
        arguments: ["-l 1 --allow-last --host amber", "a1 b2 --allow-last", "--json a1 b2 --allow-last"])
    func middle(_ words: String) throws {
        let scene = try Self.scene()
        let second = try SnapshotList(scene.store).snapshots[1].manifestID
        let outcome = try scene.run(
            ["forget"] + words.split(separator: " ").map(String.init),
            failing: "renameat2", on: "\(scene.location)/manifests/\(second)")
        #expect(outcome.code == 1 && outcome.errorText.contains("Input/output error"), "\(outcome.errorText)")
        let isTold = outcome.outputText.contains("forgot 1 of") || outcome.outputText.hasPrefix("{\"dry_run\":false,")
        #expect(isTold && outcome.outputText.contains("a1000000"), "\(outcome.outputText)")
        #expect(try Self.state(scene) == "bcd|a")
        let back = try scene.run(
            ["undelete", "a1"], failing: "renameat2",
            on: "\(scene.location)/\(try scene.storage().list("forgotten", recursive: false)[0].name)")
        #expect(back.code == 1 && back.outputText == "brought back 0 of 1 snapshot\n", "\(back.outputText)")
    }
}

extension SnapshotScene {
    /// The repository's files.
    fileprivate func storage() throws -> LocalDirectory { try LocalDirectory(Path(location)) }

    /// Runs `cairn` where a system call on one path fails.
    fileprivate func run(_ words: [String], failing call: String, on path: String) throws -> ChildOutcome {
        let strace = [
            "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=\(call)", "-e", "inject=\(call):error=EIO",
        ]
        let variables = ["HOME": folder.path, "TZ": "UTC0", "CAIRN_REPOSITORY": location]
        return try ChildProcess(
            ChildProcess.find("strace") ?? "strace", strace + [cairnPath] + words, environment: variables
        ).run()
    }
}
