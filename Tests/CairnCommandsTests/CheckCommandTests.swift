import ChildProcess
import Testing

@Suite("cairn check")
struct CheckCommandTests {
    private func scene() throws -> BrowsingScene {
        try BrowsingScene(
            "mkdir d; head -c 300000 /dev/urandom > d/a; ln d/a d/b; mkfifo p; printf x > \"$(printf 'not\\377text')\"",
            "head -c 200000 /dev/urandom > e; rm p")
    }

    @Test("a whole repository is found so, with hard links and odd names, and nothing is printed that need not be")
    func whole() throws {
        let scene = try scene()
        for words in [["check"], ["check", "--read-data"], ["check", "--read-data-subset", "1/1"]] {
            let outcome = try scene.outcome(words)
            #expect(outcome.code == 0, "\(outcome.outputText)\(outcome.errorText)")
            let verdict =
                words.count == 1
                ? "no damage was found; the data in the packs was not read: --read-data reads it"
                : "no damage was found"
            #expect(
                outcome.outputText.hasSuffix("\n\(verdict)\n") && outcome.errorText.isEmpty, "\(outcome.outputText)")
        }
        let quiet = try scene.outcome(["check", "-q"])
        #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    }

    @Test("a lost pack is told with the files and snapshots that it touches, in text and JSON, with exit code 5")
    func lostPack() throws {
        let scene = try scene()
        // The second snapshot's packs are the newest.
        try scene.shell("rm $(ls -t r/packs/*/*/* | head -n 1)")
        let outcome = try scene.outcome(["check"])
        #expect(outcome.code == 5)
        #expect(outcome.outputText.contains("in no pack") && outcome.outputText.contains("damage touches:"))
        #expect(outcome.outputText.contains("cairn repair"))
        #expect(outcome.outputText.contains("damage was found: ") && outcome.outputText.hasSuffix(", see above\n"))
        let json = try scene.outcome(["check", "--read-data", "--json"])
        #expect(json.code == 5)
        #expect(try SchemaCheck.complaints(json.output, schema: "check", lines: true) == "")
        let lines = json.outputText.split(separator: "\n")
        #expect(lines.contains { $0.contains(#""message_type":"damaged""#) })
        #expect(lines.last?.contains(#""message_type":"summary""#) == true)
        // The first snapshot is whole.
        #expect(try scene.outcome(["check", "--snapshot", "latest~1", "--read-data"]).code == 0)
        #expect(try scene.outcome(["check", "--snapshot", "latest"]).code == 5)
    }

    @Test("what is half damaged is exit code 4, and the repository is left as it is")
    func half() throws {
        let scene = try scene()
        // Eight bytes of a random number: one alone would now and then be what it was.
        try scene.shell("printf zzzzzzzz | dd of=r/config bs=1 seek=20 conv=notrunc 2>/dev/null")
        let before = try scene.shell("find r -type f | sort | xargs sha256sum")
        let outcome = try scene.outcome(["check", "--json"])
        #expect(outcome.code == 4, "\(outcome.outputText)")
        #expect(try SchemaCheck.complaints(outcome.output, schema: "check", lines: true) == "")
        #expect(try scene.outcome(["check"]).outputText.contains("reduced: "))
        #expect(try scene.shell("find r -type f | sort | xargs sha256sum") == before)
    }

    @Test("files that are none of the repository's are mentioned only to who asks")
    func foreign() throws {
        let scene = try scene()
        try scene.shell("mkdir -p r/packs/d; touch r/packs/d/notes")
        let outcome = try scene.outcome(["check"])
        #expect(outcome.code == 0 && !outcome.outputText.contains("notes"))
        #expect(try scene.outcome(["check", "-v"]).errorText.contains("r/packs/d/notes"))
    }

    @Test(
        "a part of the packs that is none is a usage error that shows how to write one",
        arguments: [
            "0/7", "8/7", "1/0", "/", "1/2/3", "-1/7", "x", "101%", "5 G", "", "0%", "0", "0G",
        ])
    func subsets(text: String) throws {
        let outcome = try cairn("check", "--read-data-subset", text)
        #expect(outcome.code == 2, "\(outcome.errorText)")
    }

    @Test("all data and a part of it contradict each other")
    func contradiction() throws {
        #expect(try cairn("check", "--read-data", "--read-data-subset", "5%").code == 2)
    }

    @Test("snapshots and places that are not there are told")
    func missing() throws {
        #expect(try cairn("check", "--repo", "/nonexistent/r").code == 10)
        #expect(try scene().outcome(["check", "--snapshot", "ffff"]).code == 1)
    }
}
