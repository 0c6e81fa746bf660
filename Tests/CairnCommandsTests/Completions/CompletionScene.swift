import ChildProcess
import CommandLine
import Glibc
import Testing

/// A line that is being written, and all that a shell must offer for its last word.
struct CompletionCase: Sendable {
    /// The words after `cairn`; the last is the one before the cursor.
    let words: [String]
    /// Whole words, in any order. Folders have no slash here.
    let offers: [String]

    init(_ line: String, _ offers: String...) {
        words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        self.offers = offers.sorted()
    }

    /// What every shell offers in the folder of a `CompletionScene`.
    static let all = [
        CompletionCase("sn", "snapshot", "snapshots"),
        CompletionCase("unl", "unlock"),
        CompletionCase("ba", "backup"),
        CompletionCase("l", "list", "ls"),
        // What is hidden, and what does not exist, is not offered.
        CompletionCase("man", "manifest"),
        CompletionCase("nonsense"),
        CompletionCase("nonsense "),
        CompletionCase("snapshot --nonsense"),
        CompletionCase("key ", "add", "list", "passwd", "remove"),
        CompletionCase("key nonsense "),
        CompletionCase("help sna", "snapshot", "snapshots"),
        CompletionCase("--no", "--no-progress"),
        CompletionCase("-r /x --quiet st", "stats"),
        CompletionCase("-qr /x st", "stats"),
        CompletionCase("--memory 256M --json st", "stats"),
        CompletionCase("snapshot --str", "--strategy"),
        CompletionCase("snapshot --json --str", "--strategy"),
        CompletionCase("snapshot -r /x da", "data.txt"),
        CompletionCase("backup --str", "--strategy"),
        CompletionCase("list --forg", "--forgotten"),
        CompletionCase("key add --new-key", "--new-key-file"),
        CompletionCase("snapshot --strategy ", "differential", "full", "incremental"),
        CompletionCase("backup --strategy d", "differential"),
        CompletionCase("snapshot --strategy=i", "--strategy=incremental"),
        CompletionCase("snapshot --compression ", "auto", "max", "off"),
        CompletionCase("snapshot --strategy nonsense"),
        CompletionCase("snapshot --host "),
        CompletionCase("restore --overwrite if", "if-changed", "if-newer"),
        CompletionCase("completions ", "bash", "fish", "zsh"),
        CompletionCase("completions bash "),
        CompletionCase("completions --jobs 2 z", "zsh"),
        CompletionCase("completions -q z", "zsh"),
        CompletionCase("snapshot My", "My File.txt", "My Folder"),
        CompletionCase("snapshot --exclude x -e y -n da", "data.txt"),
        CompletionCase("snapshot data.txt fo", "folder"),
        CompletionCase("snapshot folder/", "folder/inner.txt"),
        CompletionCase("snapshot -- da", "data.txt"),
        CompletionCase("snapshot -- --str"),
        CompletionCase("snapshot --key-file My", "My File.txt", "My Folder"),
        CompletionCase("restore latest --target My", "My Folder"),
        CompletionCase("mount My", "My Folder"),
        CompletionCase("mount folder "),
        CompletionCase("-r My", "My Folder"),
        CompletionCase("snapshot --stdin-from-command -- cairn-te", "cairn-test-program"),
        CompletionCase("snapshot --stdin-from-command -- cairn-test-program da", "data.txt"),
    ]
}

/// A home with some files in it, and the completions of one shell.
struct CompletionScene {
    let home: TemporaryFolder
    /// The file with what `cairn completions` has printed.
    let script: String

    init(_ shell: Shell) throws {
        home = try TemporaryFolder()
        for name in ["My File.txt", "data.txt"] { _ = try home.file(name, "data") }
        for name in ["My Folder", "folder", "programs"] { _ = home.folder(name) }
        _ = try home.file("folder/inner.txt", "data")
        chmod(try home.file("programs/cairn-test-program", "#!/bin/sh\n"), 0o700)
        let outcome = try cairn("completions", shell.rawValue)
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        // Under the name under which zsh loads it.
        script = try home.file("_cairn", outcome.outputText)
    }

    /// A shell that is given ten minutes at most, in the home of the scene.
    func shell(_ words: String...) throws -> ChildProcess {
        let program = try #require(ChildProcess.find(words[0]))
        return ChildProcess(
            "/usr/bin/timeout", ["--foreground", "--signal=KILL", "600", program] + words.dropFirst(),
            environment: [
                "HOME": home.path, "ZDOTDIR": home.path, "INPUTRC": "/dev/null", "TERM": "vt100", "LC_ALL": "C.UTF-8",
                "PATH": "\(home.path)/programs:/usr/local/bin:/usr/bin:/bin",
            ])
    }

    /// What a shell's file of settings begins with. The program is a function that notes the words with which it is called.
    var settings: String {
        """
        PS1='ready> '
        cd "$HOME"
        cairn() { printf '%s\\037' "$@" >> "$HOME/calls"; echo >> "$HOME/calls"; }

        """
    }

    /// Types lines into a shell on a terminal, each when the shell asks for it, and returns the words that `cairn` was
    /// called with by each of them.
    func type(_ lines: [String], into shell: ChildProcess) throws -> [[String]] {
        let outcome = try shell.runOnTerminal(
            answers: (lines + ["exit"]).map { (prompt: "ready> ", answer: $0) })
        #expect(outcome.code == 0, "\(outcome.outputText)")
        var read = ChildProcess("/bin/cat", ["\(home.path)/calls"])
        read.input = []
        let calls = try read.run().outputText.split(separator: "\n")
        #expect(calls.count == lines.count, "\(outcome.outputText)")
        return calls.map { call in
            call.split(separator: "\u{1F}", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    /// Types each of the cases and a key that puts everything that is offered into the line. Where no word fits, a shell may
    /// have the habit of offering options.
    func check(
        _ cases: [CompletionCase], in shell: ChildProcess, key: String, optionsInPlaceOfNothing: Bool = false
    ) throws {
        let calls = try type(cases.map { "cairn \($0.words.joined(separator: " "))\(key)" }, into: shell)
        for (example, call) in zip(cases, calls) {
            let (before, last) = (Array(example.words.dropLast()), example.words.last ?? "")
            let unchanged = last.isEmpty ? [] : [last]
            #expect(Array(call.prefix(before.count)) == before, "\(example.words)")
            let isFree = optionsInPlaceOfNothing && last.isEmpty && example.offers.isEmpty
            let offers = call.dropFirst(before.count).filter { !(isFree && $0.hasPrefix("-")) }
                .map(CompletionScene.withoutSlash).sorted()
            #expect(offers == (example.offers.isEmpty ? unchanged : example.offers), "\(example.words)")
        }
    }

    static func withoutSlash(_ name: String) -> String { name.hasSuffix("/") ? String(name.dropLast()) : name }
}
