import ChildProcess
import Testing

@Suite("cairn snapshot of a stream")
struct SnapshotStreamTests {
    private let scene: BrowsingScene

    init() throws { scene = try BrowsingScene() }

    private func hasSnapshots() throws -> Bool { try scene.run("snapshots", "--json").contains("short_id") }

    @Test("standard input becomes one file, called as is wished")
    func standardInput() throws {
        let outcome = try scene.script(
            "head -c 3000000 /dev/urandom > x; \"$cairn\" snapshot --stdin < x && \"$cairn\" cat latest:/stdin | cmp - x"
        )
        #expect(outcome.code == 0, "\(outcome.errorText)")
        let named = try scene.script(
            "cat x | \"$cairn\" snapshot --stdin --stdin-filename db/all.sql && \"$cairn\" cat latest:db/all.sql | cmp - x"
        )
        #expect(named.code == 0, "\(named.errorText)")
        #expect(try scene.run("ls", "latest").hasSuffix("/db\n/db/all.sql\n"))
        let empty = try scene.script("\"$cairn\" snapshot --stdin < /dev/null && \"$cairn\" cat latest:/stdin")
        #expect(empty.code == 0 && empty.output.isEmpty)
    }

    @Test("the first stream is a new file, and the next is not")
    func counts() throws {
        func counts(_ words: String) throws -> [String?] {
            let text = try scene.script("printf one | \"$cairn\" snapshot --json --stdin --stdin-filename d/f")
                .outputText
            return ["files_new", "files_changed", "dirs_new"].map { SnapshotCommandTests.field($0, text) }
        }
        #expect(try counts("first") == ["1", "0", "2"])
        #expect(try counts("again")[0] == "0")
    }

    @Test("a program's output becomes one file")
    func program() throws {
        let outcome = try scene.outcome(
            [
                "snapshot", "--stdin-from-command", "--stdin-filename", "out", "--", "sh", "-c",
                "printf abc; sleep 0.2; printf def",
            ])
        #expect(outcome.code == 0, "\(outcome.errorText)")
        #expect(try scene.run("cat", "latest:out") == "abcdef")
    }

    @Test("a program that fails, or is not there, makes no snapshot")
    func failingProgram() throws {
        let failed = try scene.outcome([
            "snapshot", "--stdin-from-command", "--", "sh", "-c", "printf abc; echo broken >&2; exit 7",
        ])
        #expect(failed.code == 1)
        #expect(
            failed.errorLines == [
                "broken", "cairn: sh failed with exit code 7; there is no snapshot", "hint: see what it says above",
            ])
        let killed = try scene.outcome(["snapshot", "--stdin-from-command", "--", "sh", "-c", "kill -9 $$"])
        #expect(killed.code == 1 && killed.errorText.contains("sh was ended by signal 9; there is no snapshot"))
        let missing = try scene.outcome(["snapshot", "--stdin-from-command", "--", "no-such-program"])
        #expect(
            missing.code == 1
                && missing.errorLines.first == "cairn: cannot start no-such-program: No such file or directory")
        #expect(try !hasSnapshots())
    }

    @Test("a command line that makes no sense for a stream is a usage error")
    func usage() throws {
        for words in [
            ["--stdin", "s"], ["--stdin", "--stdin-from-command", "--", "true"], ["--stdin-from-command"],
            ["--stdin-filename", "x", "s"], [],
        ] {
            let outcome = try scene.outcome(["snapshot"] + words)
            #expect(outcome.code == 2 && outcome.errorLines.count == 2, "\(words): \(outcome.errorText)")
        }
        let name = try scene.outcome(["snapshot", "--stdin", "--stdin-filename", "/"])
        #expect(name.code == 2 && name.errorText.contains("a stream needs a file name"))
    }

    @Test("a signal ends the wait for a stream that does not come", arguments: ["INT", "TERM", "HUP"])
    func interruption(signal: String) throws {
        // In a script a program in the background ignores SIGINT unless told otherwise.
        let outcome = try scene.script(
            """
            mkfifo p; sleep 20 > p & holder=$!
            env --default-signal=INT "$cairn" snapshot --json --stdin < p > out 2> err & run=$!
            until grep -q status out; do sleep 0.05; done
            kill -\(signal) $run; wait $run; code=$?
            kill $holder; cat err; exit $code
            """)
        #expect(outcome.code == 130)
        #expect(
            outcome.outputText.contains(
                "\"code\":130,\"kind\":\"interrupted\",\"message\":\"interrupted: no snapshot was made; the same command carries on with what is stored\""
            ))
        #expect(try !hasSnapshots())
    }
}
