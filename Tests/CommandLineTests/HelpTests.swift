import CommandLine
import Testing

@Suite("Help")
struct HelpTests {
    @Test("the demo program has no mistakes, and each kind of mistake is found")
    func problems() {
        #expect(demo.problems.isEmpty, "\(demo.problems)")
        struct Bad: OptionGroup {
            let one = Flag("box", short: "q", help: "")
            let two = Option("a b", short: "?", .text, help: "x")
            let three = OperandList("A", .text, help: "x")
            let four = OperandList("A", .text, help: "x")
            let five = Passthrough("C", withFlag: "gone", help: "x")
        }
        let program = DemoProgram(
            "bad", summary: "bad", version: "1", date: "2026-01-31", global: DemoGlobals.self,
            exitCodes: [.init(1, "a"), .init(1, "b")],
            commands: [
                DemoCommand("do", summary: "do.", options: Bad.self) { _, _ in "" },
                DemoCommand("do", summary: "", options: NoOptions.self) { _, _ in "" },
            ])
        #expect(
            program.problems == [
                "bad: two commands answer to \"do\"", "bad do: --box is declared twice", "bad do: -q is declared twice",
                "bad do: the operand A is declared twice", "bad do: -? is not a letter or digit",
                "bad do: \"a b\" is no name for an option", "bad do: no help for --box",
                "bad do: A follows another list", "bad do: C belongs to --gone, which is not declared",
                "bad do: the summary ends with a full stop", "bad do: no summary", "exit code 1 is described twice",
            ])
    }

    @Test("the help of a command looks like this")
    func command() {
        #expect(demo.help(["store"], width: 80) == putHelp)
    }

    @Test("the help of the program looks like this")
    func program() {
        #expect(demo.help(width: 60) == programHelp)
    }

    @Test("help fits the width, shows nothing hidden, and is there for every command and no other word")
    func everywhere() {
        for width in [40, 57, 80, 100] {
            for words in [[], ["put"], ["copy"], ["show"], ["key"], ["key", "rm"], ["version"]] {
                let help = demo.help(words, width: width) ?? ""
                #expect(help.hasSuffix("\n") && !help.contains("secret"))
                for line in help.split(separator: "\n") {
                    #expect(line.count <= width, "\(line)")
                    #expect(!line.hasSuffix(" "), "\(line)")
                }
            }
        }
        #expect(demo.help(["nonsense"], width: 80) == nil)
        #expect(demo.help(["key", "nonsense"], width: 80) == nil)
    }

    @Test("the width comes from COLUMNS where it is set, within bounds")
    func width() {
        #expect(TextWidth.current(Environment(["COLUMNS": "72"])) == 72)
        #expect(TextWidth.current(Environment(["COLUMNS": "10"])) == 40)
        #expect(TextWidth.current(Environment(["COLUMNS": "400"])) == 100)
        #expect((40...100).contains(TextWidth.current(Environment(["COLUMNS": "wide"]))))
    }
}
