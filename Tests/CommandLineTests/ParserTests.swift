import CommandLine
import Testing

@Suite("Parsing")
struct ParserTests {
    @Test("a value may stand in the next word, behind an equals sign, or right behind a short name")
    func valueForms() throws {
        #expect(try invoke("--box", "here", "show").globals.box == "here")
        #expect(try invoke("--box=here", "show").globals.box == "here")
        #expect(try invoke("--box=a=b", "show").globals.box == "a=b")
        #expect(try invoke("-b", "here", "show").globals.box == "here")
        #expect(try invoke("-bhere", "show").globals.box == "here")
    }

    @Test("short flags may be grouped, the last with a value")
    func groups() throws {
        let globals = try invoke("-qvvb", "here", "show").globals
        #expect(globals.quiet)
        #expect(globals.verbose == 2)
        #expect(globals.box == "here")
        #expect(try invoke("show", "-lvbhere").globals.box == "here")
    }

    @Test("global options stand before and after the command, options between its operands")
    func places() throws {
        #expect(try invoke("--json", "show").globals.json)
        #expect(try invoke("show", "--json").globals.json)
        #expect(try invoke("show", "x", "--json", "--long").globals.json)
        #expect(try run("show", "--long", "x") == "show x true")
        #expect(try run("show", "x", "-l") == "show x true")
        #expect(try !invoke("show").globals.json)
    }

    @Test("a double dash ends the options")
    func doubleDash() throws {
        #expect(try run("show", "--", "--long") == "show --long false")
        #expect(try run("show", "--", "--") == "show -- false")
        #expect(try run("--", "show") == "show - false")
        #expect(try run("put", "--", "-e") == "put [-e] []")
    }

    @Test("a lone dash is an operand")
    func dash() throws {
        #expect(try run("show", "-") == "show - false")
    }

    @Test("the words behind a double dash belong to the flag that asks for them, and to nobody else")
    func passthrough() throws {
        #expect(try run("put", "--from-command", "--", "tar", "-c", "--help") == "put [] [tar, -c, --help]")
        #expect(try run("put", "a", "--from-command", "--") == "put [a] []")
        #expect(try run("put", "--", "tar", "-c") == "put [tar, -c] []")
    }

    @Test("bytes that are not UTF-8 go through unchanged")
    func bytes() throws {
        let name = ArgumentValue(bytes: [0xFF, 0x2F, 0xC3, 0x28])
        let given = try arguments(PutOptions.self, name, ArgumentValue(bytes: Array("--exclude=".utf8) + name.bytes))
        #expect(given.paths == [name])
        #expect(given.exclude == [name])
        #expect(name.string == nil)
        #expect(try arguments(PutOptions.self, ArgumentValue(bytes: Array("-e".utf8) + name.bytes)).exclude == [name])
    }

    @Test("an option for one value refuses a second, and a list takes it")
    func repeated() throws {
        #expect(usageError("--jobs", "1", "--jobs", "2", "show")?.message == "--jobs is given more than once")
        #expect(usageError("-b1", "show", "--box=2")?.message == "--box is given more than once")
        let given = try arguments(PutOptions.self, "-ea", "-e", "b", "--exclude=c")
        #expect(given.exclude == ["a", "b", "c"])
    }

    @Test("values are typed, and defaults hold where nothing is given")
    func types() throws {
        let given = try arguments(
            PutOptions.self, "--colour", "blue", "--label", "a=b=c", "--label=x=", "--limit", "2k", "--tag", "t",
            "--host=h")
        #expect(given.colour == .blue)
        #expect(given.label == [KeyValue(key: "a", value: "b=c"), KeyValue(key: "x", value: "")])
        #expect(given.limit == 2048)
        #expect(given.filters.tag == ["t"])
        #expect(given.filters.host == "h")
        let nothing = try arguments(PutOptions.self)
        #expect(nothing.colour == .green)
        #expect(nothing.limit == nil)
        #expect(nothing.paths.isEmpty)
        #expect(!nothing.fromCommand)
        #expect(nothing.source(\.limit) == nil)
    }

    @Test("operands that must be there are served before a list")
    func operands() throws {
        #expect(try run("copy", "a", "b") == "copy a [] b")
        #expect(try run("copy", "a", "b", "c", "d") == "copy a [\"b\", \"c\"] d")
        #expect(usageError("copy", "a")?.message == "TO is missing")
        #expect(usageError("copy")?.message == "FROM is missing")
        #expect(usageError("show", "a", "b")?.message == "unexpected argument \"b\" for \"demo show\"")
    }

    @Test("two words for one operand that has a colon are put together in the hint")
    func halves() throws {
        struct Part: OptionGroup {
            let part = OptionalOperand("SNAP[:PATH]", .text, help: "One, or a part of it.")
        }
        func hint(_ first: ArgumentValue, _ second: ArgumentValue) -> String? {
            #expect(throws: UsageError.self) { _ = try arguments(Part.self, first, second) }?.hint
        }
        #expect(hint("latest", "a b") == "did you mean \"latest:a b\"?")
        #expect(hint("latest:a", "b")?.contains("did you mean") != true)
        #expect(hint("latest", "")?.contains("did you mean") != true)
    }

    @Test("too few of a list is an error that says how many")
    func tooFew() throws {
        struct Two: OptionGroup {
            let ids = OperandList("ID", .text, atLeast: 2, atMost: 3, help: "Two or three.")
        }
        #expect(try arguments(Two.self, "a", "b", "c").ids == ["a", "b", "c"])
        #expect(throws: UsageError.self) { try arguments(Two.self, "a", "b", "c", "d") }
        do throws(any Error) {
            _ = try arguments(Two.self, "a")
            Issue.record("one was enough")
        } catch let error as UsageError {
            #expect(error.message == "ID is missing: at least 2 are needed")
        }
    }

    @Test("an unknown command is an error that names the nearest, by name and alias, and never a hidden one")
    func unknownCommand() {
        #expect(usageError("shwo")?.message == "unknown command \"shwo\"")
        #expect(usageError("shwo")?.hint == "did you mean \"demo show\"?")
        #expect(usageError("stor")?.hint == "did you mean \"demo store\"?")
        #expect(usageError("secre")?.hint == "\"demo --help\" shows what it takes")
        #expect(usageError("key", "ad")?.message == "unknown key command \"ad\"")
        #expect(usageError("key", "ad")?.hint == "did you mean \"demo key add\"?")
        #expect(usageError(ArgumentValue(bytes: [0xFF, 0x1B]))?.message == "unknown command \"\\xFF\\x1B\"")
    }

    @Test("an unknown option is an error that names the nearest")
    func unknownOption() {
        let error = usageError("put", "--exlude", "x")
        #expect(error?.message == "unknown option --exlude for \"demo put\"")
        #expect(error?.hint == "did you mean --exclude?")
        #expect(error?.command == ["put"])
        #expect(usageError("put", "--jsn=1")?.hint == "did you mean --json?")
        #expect(usageError("put", "--secre")?.hint == "\"demo put --help\" shows what it takes")
        #expect(usageError("put", "-x")?.message == "unknown option -x for \"demo put\"")
        #expect(usageError("show", "-lx")?.message == "unknown option -x in \"-lx\" for \"demo show\"")
        #expect(usageError(ArgumentValue(bytes: [0x2D, 0xC3, 0xA4]))?.message == "unknown option -\\xC3 in \"-ä\"")
        #expect(usageError("--=", "show")?.message == "unknown option --")
    }

    @Test("a command's option before the command is an error that says where it belongs")
    func misplacedOption() {
        #expect(usageError("--exclude", "x", "put")?.hint == "options of a command stand after its name: demo put …")
        #expect(usageError("-l", "show")?.hint == "options of a command stand after its name: demo show …")
    }

    @Test("a missing value and a value too many are errors")
    func values() {
        #expect(usageError("show", "--box")?.message == "--box needs a value: LOCATION")
        #expect(usageError("show", "-qb")?.message == "-b needs a value: LOCATION")
        #expect(usageError("show", "--long=yes")?.message == "--long takes no value")
        #expect(usageError("show", "--long=")?.message == "--long takes no value")
        #expect(usageError("--box=", "show")?.message == "invalid value \"\" for --box: it is empty")
    }

    @Test("the environment serves where the option is not given, and says so")
    func environment() throws {
        let globals = try invoke("show", environment: ["DEMO_BOX": "there", "DEMO_JOBS": "3"]).globals
        #expect(globals.box == "there")
        #expect(globals.source(\.box) == .environment("DEMO_BOX"))
        #expect(globals.jobs == 3)
        let given = try invoke("show", "-bhere", environment: ["DEMO_BOX": "there", "DEMO_JOBS": ""]).globals
        #expect(given.box == "here")
        #expect(given.source(\.box) == .commandLine)
        #expect(given.jobs == nil)
    }

    @Test("a bad environment value is an error that names the variable, unless the option is given or help is asked")
    func badEnvironment() throws {
        let bad: [String: ArgumentValue] = ["DEMO_JOBS": "many", "DEMO_LIMIT": "1"]
        #expect(
            usageError("show", environment: bad)?.message
                == "invalid value \"many\" in the environment variable DEMO_JOBS: not a whole number")
        #expect(
            usageError("put", "--jobs=1", environment: bad)?.message
                == "invalid value \"1\" in the environment variable DEMO_LIMIT: less than 1 KiB")
        #expect(try invoke("show", "--jobs=1", environment: bad).globals.jobs == 1)
        #expect(usageError("show", "--help", environment: bad) == nil)
    }

    @Test("help is found anywhere before a double dash, and forgives what follows it")
    func help() throws {
        #expect(try run("--help") == "help [] true")
        #expect(try run("put", "-h") == "help [\"put\"] true")
        #expect(try run("-h", "store", "--nonsense") == "help [\"put\"] true")
        #expect(try run("copy", "--help") == "help [\"copy\"] true")
        #expect(try run("--help", "key", "rm") == "help [\"key\", \"remove\"] true")
        #expect(try run("--help", "nonsense") == "help [] true")
        #expect(try run("show", "--", "--help") == "show --help false")
        #expect(usageError("--nonsense", "--help") != nil)
    }

    @Test("a command line that ends before the command is told apart from one that asks for help")
    func nothing() throws {
        #expect(try run() == "help [] false")
        #expect(try run("-q") == "help [] false")
        #expect(try run("key") == "help [\"key\"] false")
    }

    @Test("aliases, commands of two words and hidden ones run; --version stands for the command")
    func commands() throws {
        #expect(try invoke("store").command == ["put"])
        #expect(try run("key", "rm") == "key remove")
        #expect(try invoke("key", "-q", "rm").command == ["key", "remove"])
        #expect(try run("secret") == "secret")
        #expect(try run("--version") == "version")
        #expect(usageError("show", "--version") != nil)
    }

    @Test("an error of a command is completed with its name and a hint")
    func completion() {
        let error = UsageError("these two do not go together").completed(program: "demo", command: ["key", "add"])
        #expect(error.hint == "\"demo key add --help\" shows what it takes")
        #expect(UsageError("a", hint: "b", command: ["c"]).completed(program: "demo", command: ["d"]).command == ["c"])
    }
}
