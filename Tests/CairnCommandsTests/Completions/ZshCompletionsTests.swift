import ChildProcess
import CommandLine
import Testing

@Suite(
    "Completions in zsh", .enabled(if: ChildProcess.find("zsh") != nil, "zsh is not installed: apt-get install zsh"))
struct ZshCompletionsTests {
    /// Puts all that is offered in the place of the last word.
    private static let insertAll = "\u{14}"

    /// zsh as it is without any settings of a person or of the machine, but for its system of completions.
    private func interactive(_ scene: CompletionScene, _ completions: String) throws -> ChildProcess {
        let settings = """
            unsetopt AUTO_LIST AUTO_MENU BEEP PROMPT_CR PROMPT_SP
            autoload -Uz compinit
            insert-all() { _main_complete; compstate[insert]=all; compstate[list]= }

            """
        let key = "zle -C insert-all complete-word insert-all\nbindkey '^T' insert-all\n"
        _ = try scene.home.file(".zshrc", settings + completions + scene.settings + key)
        return try scene.shell("zsh", "-d", "-i")
    }

    @Test("what is offered is what it should be, where zsh finds the script among its functions")
    func terminal() throws {
        let scene = try CompletionScene(.zsh)
        let shell = try interactive(scene, "fpath=(\"$HOME\" $fpath)\ncompinit -u -D\n")
        try scene.check(CompletionCase.all, in: shell, key: Self.insertAll, optionsInPlaceOfNothing: true)
    }

    @Test(
        "a key completes names that need quotes, however they were begun; the script may be read in place of being found"
    )
    func quoting() throws {
        let scene = try CompletionScene(.zsh)
        let calls = try scene.type(
            [
                "cairn snapshot My\\ Fo\t", "cairn snapshot \"My Fi\t", "cairn snapshot 'My Fi\t", "cairn ba\tdat\t",
                "cairn snapshot --stra\tincr\tdat\t", "cairn snapshot --strategy=incr\tdat\t",
                "cairn snapshot --key-file=dat\t--force", "cairn -rfol\t snapshots\t",
            ], into: try interactive(scene, "compinit -u -D\n. \"\(scene.script)\"\n"))
        // zsh takes the slash of a folder away when a word ends there.
        #expect(
            calls == [
                ["snapshot", "My Folder"], ["snapshot", "My File.txt"], ["snapshot", "My File.txt"],
                ["backup", "data.txt"], ["snapshot", "--strategy=incremental", "data.txt"],
                ["snapshot", "--strategy=incremental", "data.txt"], ["snapshot", "--key-file=data.txt", "--force"],
                ["-rfolder", "snapshots"],
            ])
    }
}
