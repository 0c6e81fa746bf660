import ChildProcess
import Glibc
import Testing

/// What is named to be taken, on the command line and in lists.
@Suite("What cairn snapshot is given to take")
struct SnapshotSourcesTests {
    private let scene: BrowsingScene

    init() throws {
        scene = try BrowsingScene()
        try scene.shell("mkdir -p s/a/docs s/b/docs s/c; touch s/a/docs/x s/a/other s/b/docs/y s/c/z 's/[odd' s/f.txt")
    }

    /// The paths of the newest snapshot, from the folder of the scene, `s` in the beginning.
    private func sources() throws -> [String] {
        let json = try scene.run("snapshots", "--json", "--latest", "1")
        let list = json.split(separator: "\"paths\":[").dropFirst().first?.prefix { $0 != "]" } ?? ""
        return list.split(separator: ",").map { $0.dropFirst().dropLast().description }
            .map { $0.hasPrefix("@") ? "s" + $0.dropFirst() : $0 }
    }

    // MARK: Lists

    @Test("a list of patterns is expanded in the file system")
    func patterns() throws {
        let list = """
            # comment
            s/*/docs
            s/f.tx?

            !s/b/docs
            s/**/z
            \(scene.source)/\\[odd
            s/c/*/
            """
        _ = try scene.folder.file("list", list)
        let outcome = try scene.outcome(["snapshot", "--files-from", "list"])
        #expect(outcome.code == 0)
        #expect(outcome.errorLines.first == "warning: list, line 8: nothing fits the pattern s/c/*/")
        #expect(try sources() == ["s/[odd", "s/a/docs", "s/c/z", "s/f.txt"])
    }

    @Test("what a list names without a wildcard is missed when it is not there")
    func missingLiteral() throws {
        _ = try scene.folder.file("list", "s/a\ns/nothing\n")
        let outcome = try scene.outcome(["snapshot", "--files-from", "list"])
        #expect(outcome.code == 3)
        #expect(outcome.errorLines.first == "warning: \(scene.source)/nothing: there is no such file or folder")
    }

    @Test("a bad pattern in a list is a usage error that shows it")
    func badPattern() throws {
        _ = try scene.folder.file("list", "s\ns/[a\n")
        let outcome = try scene.outcome(["snapshot", "--files-from", "list"])
        #expect(outcome.code == 2)
        #expect(outcome.errorLines.first == "cairn: list, line 2: bad pattern \"s/[a\": its \"[\" is not closed")
    }

    @Test("a list of names is taken as it stands; lists and operands add up")
    func verbatim() throws {
        _ = try scene.folder.file("list", "s/[odd\r\n\ns/f.txt\n")
        _ = try scene.folder.file("more", "s/c")
        let outcome = try scene.outcome(
            ["snapshot", "s/a", "--files-from-verbatim", "list", "--files-from-verbatim", "more"])
        #expect(outcome.code == 0 && outcome.errorLines.allSatisfy { !$0.hasPrefix("warning") })
        #expect(try sources() == ["s/[odd", "s/a", "s/c", "s/f.txt"])
    }

    @Test("a raw list may name anything, and comes from standard input too")
    func raw() throws {
        let script = """
            name="$(printf 's/l\\nb\\377')"; touch "$name"
            printf 's/f.txt\\0%s\\0# x\\0' "$name" > list; touch '# x'
            "$cairn" snapshot -q --files-from-raw - < list && "$cairn" ls latest
            """
        let outcome = try scene.script(script)
        #expect(outcome.code == 0, "\(outcome.errorText)")
        let shown = outcome.outputText.split(separator: "\n")
        for name in ["s/f.txt", "s/l\\nb\\xFF", "# x"] {
            #expect(shown.contains { $0.hasSuffix("/\(name)") }, "\(shown)")
        }
    }

    @Test("many paths inside others are summed up in one line")
    func covered() throws {
        let outcome = try scene.script("find s | \"$cairn\" snapshot --files-from-verbatim -")
        #expect(outcome.code == 0)
        #expect(outcome.errorLines.first == "11 of the paths lie inside others and are taken with those")
        #expect(try sources() == ["s"])
        let few = try scene.outcome(["snapshot", "s", "s/a"])
        #expect(few.errorLines.first == "\(scene.source)/a lies inside another source and is taken with that")
    }

    @Test(
        "a list that is torn, holds what no name does, or names nothing is an error that says so",
        arguments: [
            ("--files-from-raw", "a\\0b", 1, "list: the last name is not ended by a NUL byte"),
            ("--files-from-raw", "a\\0\\0", 1, "list: name 2 is empty"),
            (
                "--files-from-raw", "", 1,
                "nothing is named to take a snapshot of: the lists are empty, or nothing fits them"
            ),
            ("--files-from-verbatim", "a\\nb\\0c", 1, "list, line 2: there is a NUL byte in the name"),
            (
                "--files-from-verbatim", "\\n\\n", 1,
                "nothing is named to take a snapshot of: the lists are empty, or nothing fits them"
            ),
            (
                "--files-from", "# a\\n", 1,
                "nothing is named to take a snapshot of: the lists are empty, or nothing fits them"
            ),
        ])
    func badList(option: String, content: String, code: Int, message: String) throws {
        let outcome = try scene.script("printf '\(content)' > list; \"$cairn\" snapshot \(option) list")
        #expect(outcome.code == code && outcome.errorLines.first == "cairn: \(message)", "\(outcome.errorText)")
        #expect(outcome.errorLines.count == 2)
    }

    @Test("a list that is not there or too large is an error; standard input is one list at most")
    func unreadableList() throws {
        let missing = try scene.outcome(["snapshot", "s", "--files-from", "nowhere"])
        #expect(missing.code == 1)
        #expect(missing.errorLines.first == "cairn: cannot read the list nowhere: No such file or directory")
        let large = try scene.script("truncate -s 65M list; \"$cairn\" snapshot --files-from-verbatim list")
        #expect(large.code == 1 && large.errorLines.first == "cairn: list is larger than 64 MiB")
        let twice = try scene.outcome(["snapshot", "--files-from", "-", "--files-from-raw", "-"])
        #expect(twice.code == 2 && twice.errorText.contains("standard input can be only one of the lists"))
        let stream = try scene.outcome(["snapshot", "--files-from", "list", "--stdin"])
        #expect(stream.code == 2 && stream.errorText.contains("a stream and files cannot go into one snapshot"))
    }

    // MARK: What cannot be taken

    @Test("a missing source makes the snapshot incomplete; if all are missing there is none")
    func missing() throws {
        let outcome = try scene.outcome(["snapshot", "s/a", "gone"])
        #expect(outcome.code == 3)
        #expect(outcome.errorLines.first == "warning: \(scene.folder.path)/gone: there is no such file or folder")
        #expect(outcome.errorLines.last == "it is incomplete: 1 item could not be saved, see above")
        #expect(try scene.run("manifest", "latest", "--json").contains("\"incomplete\":true"))
        let none = try scene.outcome(["snapshot", "gone", "lost/x"])
        #expect(none.code == 1 && none.errorText.contains("none of the sources is there"))
        #expect(none.errorLines.count { $0.hasPrefix("warning: ") } == 2, "\(none.errorText)")
        let one = try scene.outcome(["snapshot", "gone"])
        #expect(
            one.code == 1 && one.errorLines.count == 2 && one.errorLines[0].hasPrefix("cairn: "), "\(one.errorText)")
        #expect(try scene.run("snapshots", "--json").split(separator: "\"short_id\"").count == 2)
    }

    @Test("what another user may not read is reported, and the rest is there")
    func rights() throws {
        try scene.shell(
            """
            chmod 711 .; chmod -R a+rX s; printf secret > s/c/secret; mkdir s/shut; touch s/shut/x
            chmod 0 s/c/secret s/shut
            """)
        // Root may read everything, so somebody else must try.
        let isRoot = geteuid() == 0
        let script = """
            mkdir home; cp "$cairn" home/cairn; \(isRoot ? "chown -R 65534 home" : "true")
            export HOME="$PWD/home" CAIRN_REPOSITORY="$PWD/home/r" CAIRN_CACHE_DIR="$PWD/home/c"
            run() { \(isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "") home/cairn "$@"; }
            run init -q --encryption none && run snapshot s; echo "code $?"; run ls latest
            """
        let outcome = try scene.script(script)
        let lines = outcome.outputText.split(separator: "\n").map(String.init)
        #expect(lines.contains("code 3"), "\(outcome.errorText)")
        for name in ["a/docs/x", "c/z"] { #expect(lines.contains("\(scene.source)/\(name)")) }
        #expect(lines.contains("\(scene.source)/shut") && !lines.contains("\(scene.source)/c/secret"), "\(lines)")
        #expect(
            outcome.errorLines.contains(
                "warning: \(scene.source)/c/secret: it cannot be read: Permission denied (open)"),
            "\(outcome.errorText)")
        #expect(
            outcome.errorLines.contains("warning: \(scene.source)/shut: it cannot be read: Permission denied (open)"))
        #expect(outcome.errorLines.contains("it is incomplete: 2 items could not be saved, see above"))
        try scene.shell("chmod 700 s/shut")
    }

    @Test("a folder that a pattern looks into and that cannot be listed makes the snapshot incomplete")
    func unlistable() throws {
        let isRoot = geteuid() == 0
        let script = """
            chmod 711 .; chmod -R a+rX s; mkdir s/shut; touch s/shut/x; chmod 0 s/shut
            mkdir home; cp "$cairn" home/cairn; \(isRoot ? "chown -R 65534 home" : "true")
            export HOME="$PWD/home" CAIRN_REPOSITORY="$PWD/home/r" CAIRN_CACHE_DIR="$PWD/home/c"
            run() { \(isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "") home/cairn "$@"; }
            run init -q --encryption none
            for pattern in "s/*/d*" "s/*/docs"; do
                echo "$pattern" > list; run snapshot --files-from list; echo "code $?"
            done
            run manifest latest --json
            printf "s/c\n!s/*/x*\n" > list; run snapshot --files-from list; echo "code $?"
            printf "s/shut/*\n" > list; run snapshot --files-from list; echo "code $?"; chmod 700 s/shut
            """
        let outcome = try scene.script(script)
        let codes = outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("code") }
        #expect(codes == ["code 3", "code 3", "code 0", "code 1"], "\(outcome.errorText)")
        let reason = "it cannot be read: Permission denied"
        let line = "warning: \(scene.source)/shut: \(reason) (for list, line 1)"
        #expect(outcome.errorLines.count { $0 == line } == 2, "\(outcome.errorText)")
        #expect(outcome.errorLines.contains("warning: \(scene.source)/shut/docs: \(reason) (for list, line 1)"))
        #expect(outcome.errorLines.contains("it is incomplete: 1 item could not be saved, see above"))
        #expect(outcome.outputText.contains("\"incomplete\":true") && outcome.outputText.contains(reason))
        #expect(outcome.errorLines.contains("warning: list, line 2: \(scene.source)/shut: \(reason)"))
    }

    @Test("a link to a folder with a slash at its end stands for the folder; without one it is a link")
    func slash() throws {
        try scene.shell("ln -s s/a link; ln -s nothing lost; printf x > file; ln -s file one")
        let link = scene.folder.path + "/link"
        let outcome = try scene.outcome(["snapshot", "link/", "link"])
        #expect(outcome.code == 0)
        #expect(
            outcome.errorLines.first
                == "\(link)/ is a link to \(scene.source)/a: that folder is taken, under its own path")
        let names = try scene.run("ls", "latest").split(separator: "\n")
        #expect(names.contains("@/a/docs/x") && names.contains("\(link)"))
        #expect(!names.contains("\(link)/docs"))
        #expect(try scene.run("manifest", "latest", "--json").contains("\"paths\":[\"\(link)\",\"@/a\"]"))
        // What leads to no folder stays a link.
        #expect(
            try scene.outcome(["snapshot", "lost/", "one/"]).errorLines.allSatisfy { !$0.contains("is a link to") })
        let help = try cairn("snapshot", "--help", environment: ["COLUMNS": "1000"]).outputText
        #expect(help.contains("given with a slash at its end"))
    }

    @Test("of many items in the same trouble ten are shown, the others counted; programs get all, the manifest has all")
    func flood() throws {
        // No folder for the tests' user to be kept out of, if that is root.
        let isRoot = geteuid() == 0
        let script = """
            chmod 711 .; chmod a+rX s; for n in $(seq 25); do printf x > s/f$n; chmod 0 s/f$n; done
            mkdir home; cp "$cairn" home/cairn; \(isRoot ? "chown -R 65534 home" : "true")
            export HOME="$PWD/home" CAIRN_REPOSITORY="$PWD/home/r" CAIRN_CACHE_DIR="$PWD/home/c"
            run() { \(isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : "") home/cairn "$@"; }
            run init --encryption none > /dev/null
            run snapshot s gone1 gone2 2> plain; run snapshot -v s 2> verbose; run snapshot --json s 2> json > /dev/null
            for file in plain verbose json; do grep -c denied $file; done; grep -c gone plain; run manifest latest --json
            """
        let outcome = try scene.script(script)
        #expect(outcome.outputText.hasPrefix("10\n25\n25\n2\n"), "\(outcome.errorText)")
        #expect(outcome.outputText.split(separator: "Permission denied").count == 26)
        let plain = try scene.shell("cat plain").split(separator: "\n")
        #expect(plain.contains("warning: 15 more items could not be read; --verbose shows all of them"), "\(plain)")
        #expect(plain.last == "it is incomplete: 27 items could not be saved, see above")
        #expect(try !scene.shell("cat verbose json").contains("more items"))
    }

    @Test("repository and cache inside a source are left out, and said to be")
    func repository() throws {
        let outcome = try scene.outcome(["snapshot", "."])
        #expect(outcome.code == 0)
        #expect(
            Set(outcome.errorLines.prefix(2)) == [
                "\(scene.folder.path)/r is left out: it is the repository in use, or its cache",
                "\(scene.folder.path)/c is left out: it is the repository in use, or its cache",
            ])
        let names = try scene.run("ls", "latest")
        #expect(
            !names.contains("\(scene.folder.path)/r\n") && !names.contains("\(scene.folder.path)/c/")
                && names.contains("@/a/docs/x"))
        let itself = try scene.outcome(["snapshot", "r"])
        #expect(itself.code == 1 && itself.errorText.contains("/r: this is the repository in use, or its cache"))
    }

    @Test("without a repository a script gets exit code 10, unless it allows the default one")
    func defaultRepository() throws {
        let start = "unset CAIRN_REPOSITORY; export XDG_DATA_HOME=$PWD/data;"
        let refused = try scene.script("\(start) \"$cairn\" snapshot s; code=$?; ls data; exit $code")
        #expect(refused.code == 10 && refused.output.isEmpty && refused.errorText.contains("--default-repository"))
        for words in ["-n s", "-n --default-repository s"] {
            let rehearsal = try scene.script("\(start) \"$cairn\" snapshot \(words); code=$?; ls data; exit $code")
            #expect(rehearsal.code == 10 && rehearsal.output.isEmpty)
            #expect(rehearsal.errorText.contains("hint: a dry run makes none, and needs one to compare with; name one"))
        }
        // Nor at a terminal.
        let home = scene.folder.path + "/person"
        let child = ChildProcess(cairnPath, ["snapshot", "-n", scene.source], environment: ["HOME": home])
        #expect(try child.runOnTerminal(answers: []).code == 10)
        #expect(try scene.script("ls person/.local").output.isEmpty)
        let made = try scene.script("\(start) \"$cairn\" snapshot --default-repository s && \"$cairn\" snapshot -q s")
        #expect(made.code == 0 && made.errorText.contains("\(scene.folder.path)/data/cairn/repository"))
    }
}
