import ChildProcess
import CommandLine
import Testing

@Suite(
    "Completions in fish",
    .enabled(if: ChildProcess.find("fish") != nil, "fish is not installed: apt-get install fish"))
struct FishCompletionsTests {
    @Test("what is offered is what it should be, and most of it with a word on what it is")
    func offers() throws {
        let scene = try CompletionScene(.fish)
        var script = "cd \"$HOME\"\nsource \"\(scene.script)\"\n"
        for example in CompletionCase.all {
            script += "complete -C 'cairn \(example.words.joined(separator: " "))'\necho =\n"
        }
        let outcome = try scene.shell("fish", "--no-config", "-c", script).run()
        #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errorText)")
        var answers: [[String]] = [[]]
        for line in outcome.outputText.split(separator: "\n") {
            if line == "=" {
                answers.append([])
            } else {
                answers[answers.count - 1].append(String(line))
            }
        }
        try #require(answers.count == CompletionCase.all.count + 1, "\(outcome.outputText)")
        for (example, lines) in zip(CompletionCase.all, answers) {
            let offers = lines.map { line in CompletionScene.withoutSlash(String(line.prefix { $0 != "\t" })) }
            #expect(Set(offers) == Set(example.offers), "\(example.words)")
        }
        #expect(answers[0].contains("snapshot\ttake a snapshot of files and folders"), "\(answers[0])")
    }
}
