import ChildProcess
import Testing

@Suite("A signal before the repository is open")
struct OpeningInterruptionTests {
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = [
            "CAIRN_REPOSITORY": "\(folder.path)/r", "HOME": folder.path, "PATH": "/usr/local/bin:/usr/bin:/bin",
            "cairn": cairnPath, "NO_COLOR": "1",
        ]
    }

    @Test("while a key is derived ends the run with a message and 130, whatever would have come of the password")
    func deriving() throws {
        let known = environment.merging(["CAIRN_PASSWORD": "first"]) { $1 }
        #expect(try cairn("init", environment: known).code == 0)
        // Several passwords, so that trying one takes a while.
        for number in 0..<2 {
            let other = known.merging(["CAIRN_NEW_PASSWORD": "other \(number)"]) { $1 }
            #expect(try cairn("key", "add", environment: other).code == 0)
        }
        // What the last digits of the signals that are caught look like.
        let masks = [("TERM", "[4-7c-f]..."), ("INT", "[2367abef]"), ("HUP", "[13579bdf]")]
        for ((signal, mask), password) in zip(masks + masks, ["first", "wrong", "wrong", "wrong", "first", "first"]) {
            let outcome = try ChildProcess(
                "/bin/sh",
                [
                    "-c",
                    """
                    env --default-signal=\(signal) "$cairn" snapshots & run=$!
                    until grep -Pzq 'Name:\\tcairn\\n[\\s\\S]*SigCgt:\\t[0-9a-f]*\(mask)\\n' /proc/$run/status; do
                        kill -0 $run || break
                    done
                    kill -\(signal) $run; wait $run
                    """,
                ], environment: environment.merging(["CAIRN_PASSWORD": password]) { $1 }
            ).run()
            #expect(outcome.code == 130 && outcome.output.isEmpty, "\(signal) \(password): \(outcome)")
            #expect(outcome.errorText == "cairn: interrupted: what was stored stays usable\n", "\(signal) \(password)")
        }
    }

    /// What a terminal shows of a script that asks for a password, then its exit code, and whether the terminal shows again what is typed.
    private func ask(_ script: String, _ answers: [(prompt: String, answer: String)]) throws -> String {
        #expect(try cairn("init", "--new-key-file", "\(folder.path)/key", environment: environment).code == 0)
        let ending = "; echo \"code $?\"; stty -a | grep -o '[-]*echo '"
        return try ChildProcess("/bin/sh", ["-c", script + ending], environment: environment)
            .runOnTerminal(answers: answers).outputText
    }

    @Test("Ctrl-C at a question for a password ends with a message and 130, and the terminal shows again what is typed")
    func typed() throws {
        // The shell would end at Ctrl-C too.
        let shown = try ask("trap : INT; \"$cairn\" snapshots", [("password for", "abc\u{3}")])
        #expect(shown.contains("cairn: interrupted\r\ncode 130\r\necho") && !shown.contains("abc"), "\(shown)")
    }

    @Test("so does a signal from outside", arguments: ["TERM", "HUP"])
    func sent(signal: String) throws {
        let shown = try ask(
            """
            (for n in $(seq 500); do stty -a < /dev/tty | grep -q -- '-echo ' && break; sleep 0.02; done; sleep 0.2
            kill -\(signal) $(pgrep -P $$ -x cairn)) & "$cairn" snapshots
            """, [])
        #expect(shown.contains("cairn: interrupted\r\ncode 130\r\necho"), "\(shown)")
    }
}
