import ChildProcess
import Testing

@Suite("JSON is as the schemas say")
struct SchemaTests {
    private func scene() throws -> BrowsingScene {
        try BrowsingScene(
            "mkdir d; printf 1 > d/a.txt; ln -s x l; mkfifo p; printf 2 > \"$(printf 'not\\377text')\"",
            "printf 3 > d/a.txt; rm l; mkdir n; printf 4 > n/b")
    }

    @Test("of commands that look into snapshots")
    func browsing() throws {
        let scene = try scene()
        let part = "latest:\(scene.source)"
        let runs: [(String, Bool, [String])] = [
            ("ls", true, ["ls", "latest"]), ("ls", true, ["ls", "latest~1"]),
            ("ls", true, ["ls", "latest", "--changes"]),
            ("find", true, ["find", "*"]), ("diff", true, ["diff", "latest~1", "latest"]),
            ("diff", true, ["diff", part, "--live", "s"]), ("manifest", false, ["manifest", "latest"]),
            ("manifest", false, ["manifest", "latest", "--items"]), ("manifest", false, ["manifest", part, "--items"]),
            ("stats", false, ["stats"]), ("prune", false, ["prune", "-n"]), ("snapshots", false, ["snapshots"]),
            ("tag", false, ["tag", "--add", "x", "latest"]), ("snapshots", false, ["snapshots", "--latest", "1"]),
            ("version", false, ["version"]), ("cache", false, ["cache"]), ("key", false, ["key", "list"]),
            ("help", false, ["help"]), ("help", false, ["--help"]), ("help", false, ["help", "key"]),
            ("help", false, ["key", "add", "--help"]),
            ("forget", false, ["forget", "-n", "-l", "1"]), ("forget", false, ["forget", "-l", "1", "-g", "none"]),
            ("snapshots", false, ["snapshots", "--forgotten"]), ("undelete", false, ["undelete", "latest"]),
            ("forget", false, ["forget", "latest~1"]),
        ]
        for (schema, isLines, words) in runs {
            let outcome = try scene.outcome(words + ["--json"])
            #expect(outcome.code == 0, "\(words): \(outcome.errorText)")
            let complaints = try SchemaCheck.complaints(outcome.output, schema: schema, lines: isLines)
            #expect(complaints == "", "\(words)")
        }
        // For people, the manifest is the same JSON in lines.
        let words = ["manifest", "latest", "--items"]
        let (pretty, plain) = (try scene.outcome(words), try scene.outcome(words + ["--json"]))
        #expect(pretty.outputText.contains("\n  \"items\": [\n"))
        #expect(try SchemaCheck.complaints(pretty.output, schema: "manifest") == "")
        #expect(plain.outputText.split(separator: "\n").count == 1)
    }

    @Test("of an empty repository")
    func empty() throws {
        let scene = try BrowsingScene()
        for (schema, isLines, words) in [("stats", false, ["stats"]), ("snapshots", false, ["snapshots"])] {
            let outcome = try scene.outcome(words + ["--json"])
            #expect(try SchemaCheck.complaints(outcome.output, schema: schema, lines: isLines) == "")
        }
        #expect(try scene.outcome(["find", "x", "--json"]).output.isEmpty)
    }

    @Test("of init and of keys, for passwords and key files")
    func keys() throws {
        let folder = try TemporaryFolder()
        let environment = [
            "CAIRN_REPOSITORY": "\(folder.path)/r", "CAIRN_KEY_FILE": "\(folder.path)/k", "HOME": folder.path,
        ]
        let made = try ChildProcess(
            cairnPath, ["init", "--json", "--new-key-file", "\(folder.path)/k"],
            environment: environment.filter { $0.key != "CAIRN_KEY_FILE" }
        ).run()
        #expect(made.code == 0, "\(made.errorText)")
        #expect(try SchemaCheck.complaints(made.output, schema: "init") == "")
        for words in [["key", "list"], ["key", "add", "--new-key-file", "\(folder.path)/k2"], ["key", "list"]] {
            let outcome = try ChildProcess(cairnPath, words + ["--json"], environment: environment).run()
            #expect(outcome.code == 0, "\(outcome.errorText)")
            #expect(try SchemaCheck.complaints(outcome.output, schema: "key") == "")
        }
    }

    @Test("of a mount, when it is there")
    func mount() throws {
        let outcome = try scene().script(
            """
            mkdir m
            "$cairn" mount --json m > out & until [ -s out ] || ! kill -0 $! 2> /dev/null; do sleep 0.02; done
            kill -TERM $! 2> /dev/null; wait $! && cat out
            """)
        let refusals = ["/dev/fuse cannot be opened", "not permitted", "Permission denied"]
        let isPossible = !refusals.contains { outcome.errorText.contains($0) }
        #expect(outcome.code == 0 || !isPossible, "\(outcome.code) \(outcome.errorText)")
        if !isPossible { return print("not tested: \(outcome.errorText)") }
        #expect(try SchemaCheck.complaints(outcome.output, schema: "mount") == "")
    }

    @Test("the check finds what a schema does not allow")
    func strictness() throws {
        func complaints(_ json: String) throws -> String {
            try SchemaCheck.complaints(Array(json.utf8), schema: "cache")
        }
        #expect(try complaints(#"{"path":"x","bytes":1,"repositories":[],"cleared":true}"#) == "")
        for wrong in [
            #"{"path":"x","bytes":1,"repositories":[]}"#, #"{"path":"x","bytes":"1","repositories":[],"cleared":true}"#,
            #"{"path":"x","bytes":1,"repositories":[{}],"cleared":true}"#,
            #"{"path":"x","bytes":1,"repositories":[],"cleared":true,"more":1}"#, "[]",
        ] {
            #expect(try complaints(wrong) != "", "\(wrong)")
        }
        let line = Array(#"{"message_type":"match"}"#.utf8)
        #expect(try SchemaCheck.complaints(line, schema: "ls", lines: true) != "")
    }
}
