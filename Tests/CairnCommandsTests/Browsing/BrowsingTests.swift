import ChildProcess
import Testing

@Suite("Commands that look into snapshots")
struct BrowsingTests {
    private func scene() throws -> BrowsingScene {
        try BrowsingScene(
            "mkdir d; printf hello > d/a.txt; printf same > 'odd\nna\\me'; ln -s d/a.txt link; mkfifo pipe",
            "printf more >> d/a.txt; rm link; mkdir new; printf x > new/y.TXT; chmod 600 d/a.txt")
    }

    @Test("ls lists whole paths below the part, escaped for people and exact for programs")
    func ls() throws {
        let scene = try scene()
        let part = "latest:\(scene.source)"
        #expect(
            try scene.lines("ls", part) == ["@/d", "@/d/a.txt", "@/new", "@/new/y.TXT", "@/odd\\nna\\\\me", "@/pipe"])
        #expect(try scene.lines("ls", part, "--no-recursive") == ["@/d", "@/new", "@/odd\\nna\\\\me", "@/pipe"])
        #expect(try scene.lines("ls", "\(part)/d/a.txt") == ["@/d/a.txt"])
        #expect(try scene.run("ls", part, "-0").split(separator: "\0").contains("@/odd\nna\\me"))
        #expect(try scene.lines("ls", "latest").first == "/tmp")
        let long = try scene.lines("ls", part, "-l")
        #expect(long[1].hasPrefix("-rw-------  "))
        #expect(long[1].hasSuffix("  @/d/a.txt") && long[1].contains(" 9  "))
        #expect(try scene.lines("ls", "latest~1:\(scene.source)/link", "-l")[0].hasSuffix("@/link -> d/a.txt"))
    }

    @Test("ls --changes tells what differs from the base, and which one it took when the base is gone")
    func changes() throws {
        let scene = try scene()
        let expected = ["U    @/", "M    @/d/a.txt", "-    @/link", "+    @/new/", "+    @/new/y.TXT"]
        #expect(try scene.lines("ls", "latest:\(scene.source)", "--changes") == expected)
        let first = try scene.outcome(["ls", "latest~1:\(scene.source)", "--changes"])
        #expect(first.outputText.contains("+    \(scene.source)/link\n"))
        #expect(first.errorText == "the snapshot has no base: everything is new\n")
        #expect(try scene.lines("ls", "latest:\(scene.source)/link", "--changes") == ["-    @/link"])
    }

    @Test("where the base is gone, the nearest earlier snapshot of the same source stands in for it")
    func lostBase() throws {
        let scene = try BrowsingScene("printf 1 > a", "printf 2 > b", "printf 3 > c")
        try scene.shell(
            """
            rm "r/manifests/$('\(cairnPath)' manifest latest --json |
                python3 -c 'import json, sys; print(json.load(sys.stdin)["previous"])')"
            """)
        let outcome = try scene.outcome(["ls", "latest:\(scene.source)", "--changes"])
        #expect(outcome.outputText.contains("+    \(scene.source)/b\n+    \(scene.source)/c\n"))
        #expect(!outcome.outputText.contains("\(scene.source)/a"))
        #expect(outcome.errorText.hasPrefix("the base is gone: compared with "))
    }

    @Test("what does not exist, or is not what is asked for, is said with a remedy")
    func refusals() throws {
        let scene = try scene()
        func failure(_ words: String...) throws -> String {
            let outcome = try scene.outcome(words)
            return "\(outcome.code) \(outcome.errorLines.first ?? "")"
        }
        #expect(try failure("ls", "latest:/nope").hasPrefix("1 cairn: /nope: there is no such path in snapshot "))
        #expect(try failure("ls", "latest~7").hasPrefix("1 cairn: there are only 2 snapshots"))
        #expect(try failure("ls").hasPrefix("2 cairn: no snapshot is named"))
        #expect(try failure("ls", "latest", "-0", "-l").hasPrefix("2 "))
        #expect(try failure("cat", "latest") == "2 cairn: a snapshot alone is no file")
        #expect(try failure("cat", "latest:\(scene.source)/d") == "1 cairn: \(scene.source)/d is a directory")
        #expect(
            try failure("cat", "latest~1:\(scene.source)/link")
                == "1 cairn: \(scene.source)/link is a symbolic link to d/a.txt")
        #expect(try failure("diff", "latest") == "2 cairn: diff compares two snapshots, or one with a folder")
        #expect(try failure("diff").hasPrefix("2 cairn: diff compares"))
        #expect(try failure("diff", "latest", "--live", "/nonexistent").hasPrefix("1 cairn: cannot compare with"))
        #expect(try failure("find").hasPrefix("2 cairn: nothing is looked for"))
        #expect(try failure("find", "[a").hasPrefix("2 "))
        #expect(try failure("find", "a", "--sha256", "12").hasPrefix("2 "))
        #expect(try failure("manifest", "latest:/tmp").hasPrefix("2 "))
        #expect(try failure("dump", "latest", "--format", "rar").hasPrefix("2 "))
    }

    @Test("diff tells lines and sums, of whole snapshots, of parts, and against a live folder")
    func diff() throws {
        let scene = try scene()
        let (old, new) = ("latest~1:\(scene.source)", "latest:\(scene.source)")
        let sums = [
            "Files: 1 new, 0 removed, 1 changed", "Dirs: 1 new, 0 removed, 1 changed",
            "Others: 0 new, 1 removed, 0 changed", "Added: 10 B", "Removed: 5 B",
        ]
        let changes = ["U    @/", "M    @/d/a.txt", "-    @/link", "+    @/new/", "+    @/new/y.TXT"]
        #expect(try scene.lines("diff", old, new) == changes + sums)
        #expect(try scene.lines("diff", "latest", "latest") == ["no differences"])
        #expect(try scene.lines("diff", new, "--live", "s", "--content") == ["no differences"])
        try scene.shell("rm s/new/y.TXT; printf MORE > s/d/a.txt")
        let live = try scene.lines("diff", "latest", "--live", "s")
        #expect(live.prefix(3) == ["M    @/d/a.txt", "U    @/new/", "-    @/new/y.TXT"])
    }

    @Test("cat gives the bytes of the file, of the snapshot that is named")
    func cat() throws {
        let scene = try scene()
        #expect(try scene.run("cat", "latest:\(scene.source)/d/a.txt") == "hellomore")
        #expect(try scene.run("cat", "latest~1:\(scene.source)/d/a.txt") == "hello")
        #expect(try scene.shell("'\(cairnPath)' cat 'latest:\(scene.source)/odd\nna\\me'") == "same")
    }

    @Test("dump streams archives to a pipe or a file, and tells what zip leaves out")
    func dump() throws {
        let scene = try scene()
        try scene.shell(
            "mkdir out; '\(cairnPath)' dump latest:$PWD/s | tar -C out -xf -; diff -r s out 2>/dev/null || true")
        #expect(
            try scene.shell("cat out/d/a.txt; stat -c %a out/d/a.txt; test -p out/pipe && echo pipe")
                == "hellomore600\npipe\n")
        let zip = try scene.outcome(["dump", "latest:\(scene.source)", "--format", "zip", "--target", "z.zip"])
        #expect(zip.code == 0 && zip.output.isEmpty)
        #expect(zip.errorText == "left out pipe: a named pipe\n")
        #expect(try scene.shell("unzip -p z.zip d/a.txt") == "hellomore")
        #expect(try scene.outcome(["dump", "latest", "--target", "/nonexistent/x"]).code == 1)
    }

    @Test("an archive is not written to a terminal")
    func terminal() throws {
        let scene = try scene()
        let child = ChildProcess(
            cairnPath, ["dump", "latest", "-r", "\(scene.folder.path)/r"], environment: ["HOME": scene.folder.path])
        let outcome = try child.runOnTerminal(answers: [])
        #expect(outcome.code == 2)
        #expect(outcome.outputText.contains("an archive is nothing for a terminal"))
    }

    @Test("sha256sum finds every file of a restored part as the manifest says, whatever its name")
    func sums() throws {
        let scene = try scene()
        try scene.shell(
            "'\(cairnPath)' manifest latest:$PWD/s --sha256sum > sums; cd s; sha256sum --strict -c ../sums > ../checked"
        )
        #expect(try scene.shell("wc -l < checked") == "3\n")
        try scene.shell(
            "'\(cairnPath)' manifest latest --sha256sum > all; cd /; sha256sum --strict --quiet -c '\(scene.folder.path)/all'"
        )
        try scene.shell(
            "printf spoilt > s/d/a.txt; cd s; if sha256sum --quiet -c ../sums 2>/dev/null; then exit 1; fi > /dev/null")
    }

    @Test("stats counts one chunk as one")
    func statistics() throws {
        let lines = try BrowsingScene("seq 1 700 > f; cp f g").lines("stats")
        #expect(lines[1].contains(" in 1 chunk of 1 content (deduplication 2.0×)"), "\(lines)")
        #expect(lines[2].contains(" in 1 chunk of data and 1 of trees (compression "), "\(lines)")
        let empty = try BrowsingScene().lines("stats")
        #expect(empty[1].hasSuffix(" in 0 chunks of 0 contents") && empty[2].hasSuffix(" and 0 of trees"), "\(empty)")
    }

    @Test("find shows each version with the snapshots that hold it")
    func find() throws {
        let scene = try scene()
        let found = try scene.lines("find", "*.txt", "-i")
        #expect(found.count == 5)
        #expect([found[0], found[3]] == ["@/d/a.txt", "@/new/y.TXT"])
        #expect(found[1].hasPrefix("  1 snapshot, "))
        #expect(try scene.lines("find", "*.txt").count == 3)
        #expect(try scene.lines("find", "odd*")[1].hasPrefix("  2 snapshots, "))
        #expect(try scene.lines("find", "a.txt", "--size", "+5").count == 2)
        #expect(try scene.lines("find", "--size=-2") == scene.lines("find", "y.TXT"))
        #expect(try scene.lines("find", "nothing like this") == [])
        let none = try scene.outcome(["find", "a.tx"])
        #expect(
            none.errorText
                == "nothing in 2 snapshots is called \"a.tx\"; * stands for any letters: cairn find '*a.tx*'\n")
        #expect(try scene.outcome(["find", "a.tx?x"]).errorText == "nothing in 2 snapshots is called \"a.tx?x\"\n")
        #expect(try scene.outcome(["find", "a.tx", "--json"]).errors.isEmpty)
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        #expect(try scene.lines("find", "--sha256", hello)[0] == "@/d/a.txt")
        #expect(try scene.run("find", "a.txt", "-0") == "@/d/a.txt\0")
    }

    @Test("damaged content is an error that says so, exit code 5")
    func damage() throws {
        let scene = try BrowsingScene("head -c 3000000 /dev/urandom > big")
        try scene.shell(
            """
            for pack in $(find r/packs -type f); do
                printf 'XXXXXXXX' | dd of=$pack bs=1 seek=1000000 conv=notrunc 2>/dev/null
            done
            """)
        for words in [["cat", "latest:\(scene.source)/big"], ["dump", "latest", "--target", "/dev/null"]] {
            let outcome = try scene.outcome(words)
            #expect(outcome.code == 5, "\(outcome.errorText)")
            #expect(outcome.errorText.contains("s/big") && outcome.errorText.contains("does not have the bytes"))
        }
        #expect(try scene.lines("ls", "latest:\(scene.source)") == ["@/big"])
    }

    @Test("a reader that goes away ends the command without an error")
    func closedPipe() throws {
        let scene = try BrowsingScene("seq 20000 | xargs touch")
        #expect(
            try scene.shell("{ '\(cairnPath)' ls latest; echo \"code $?\" >&2; } 2> err | head -1; cat err")
                == "/tmp\ncode 0\n")
    }
}
