// A small program with one of everything, which the tests parse for and print.
import CommandLine

enum Colour: String, CaseIterable, Sendable {
    case red, green, blue
}

struct DemoGlobals: OptionGroup {
    let box = Option(
        "box", short: "b", .file.named("LOCATION"), environment: "DEMO_BOX", help: "The box to work on.")
    let jobs = Option("jobs", .count(1...64), environment: "DEMO_JOBS", help: "How many at once.")
    let quiet = Flag("quiet", short: "q", help: "Say less.")
    let verbose = Counter("verbose", short: "v", help: "Say more.")
    let json = Flag("json", help: "Answer in JSON.")
}

struct FilterOptions: OptionGroup {
    static let title: String? = "Filters"
    let host = Option("host", .text.named("NAME"), help: "Only this host's.")
    let tag = OptionList("tag", .text, help: "Only with this tag.")
}

struct PutOptions: OptionGroup {
    let exclude = OptionList(
        "exclude", short: "e", .bytes.named("PATTERN"), help: "Leave out what matches the pattern.")
    let colour = DefaultedOption("colour", .choice, default: Colour.green, help: "How to paint it.")
    let label = OptionList("label", .keyValue, help: "A note to keep with it.")
    let limit = Option("limit", .size(1024...Int.max), environment: "DEMO_LIMIT", help: "The largest size.")
    let spare = Option("spare", .percentageOrSize, help: "What may go unused.")
    let secret = Flag("secret", help: "Not shown.", hidden: true)
    let fromCommand = Flag("from-command", help: "Take the output of a command.")
    let filters = FilterOptions()
    let paths = OperandList("PATH", .file, help: "What to put in.")
    let command = Passthrough("COMMAND", withFlag: "from-command", help: "The command to run.")
}

struct CopyOptions: OptionGroup {
    let from = Operand("FROM", .text, help: "The first.")
    let extra = OperandList("EXTRA", .text, help: "Those between.")
    let to = Operand("TO", .text, help: "The last.")
}

struct ShowOptions: OptionGroup {
    let id = OptionalOperand("ID", .text, help: "Which one.")
    let long = Flag("long", short: "l", help: "Show more.")
}

/// What a demo command did, in words.
typealias DemoProgram = Program<DemoGlobals, Void, String>
typealias DemoCommand = Command<Void, String>

let demo = DemoProgram(
    "demo", summary: "put things into boxes", discussion: "A box holds things.\n\nThings are found again.",
    version: "1.2", date: "2026-01-31", versionCommand: "version", global: DemoGlobals.self,
    exitCodes: [.init(0, "done"), .init(2, "usage")],
    commands: [
        DemoCommand(
            "put", aliases: ["store"], section: "Things", summary: "put things into a box",
            examples: [Example("demo put -b box a", "Put one thing in.")], options: PutOptions.self
        ) { arguments, _ in
            "put \(arguments.paths) \(arguments.command)"
        },
        DemoCommand("copy", section: "Things", summary: "copy some", options: CopyOptions.self) { arguments, _ in
            "copy \(arguments.from) \(arguments.extra) \(arguments.to)"
        },
        DemoCommand("show", section: "Boxes", summary: "show one", options: ShowOptions.self) { arguments, _ in
            "show \(arguments.id ?? "-") \(arguments.long)"
        },
        DemoCommand(
            "key", section: "Boxes", summary: "work with keys",
            subcommands: [
                DemoCommand("add", summary: "add a key", options: NoOptions.self) { _, _ in "key add" },
                DemoCommand("remove", aliases: ["rm"], summary: "remove a key", options: ShowOptions.self) { _, _ in
                    "key remove"
                },
            ]),
        DemoCommand("version", summary: "show the version", options: NoOptions.self) { _, _ in "version" },
        DemoCommand("secret", summary: "not shown", hidden: true, options: NoOptions.self) { _, _ in "secret" },
    ])

func parse(
    _ words: [ArgumentValue], environment: [String: ArgumentValue] = [:]
) throws(UsageError) -> Request<DemoGlobals, Void, String> {
    try demo.parse(words, environment: Environment(environment))
}

/// Parses a command line that must be good for a command.
func invoke(
    _ words: ArgumentValue..., environment: [String: ArgumentValue] = [:]
) throws -> Invocation<DemoGlobals, Void, String> {
    switch try parse(words, environment: environment) {
    case .run(let invocation): return invocation
    case .help(let command, _): throw UsageError("help of \(command)")
    }
}

func run(_ words: ArgumentValue...) throws -> String {
    switch try parse(words) {
    case .run(let invocation): return try invocation.run(())
    case .help(let command, let asked): return "help \(command) \(asked)"
    }
}

/// The error that a command line must give.
func usageError(_ words: ArgumentValue..., environment: [String: ArgumentValue] = [:]) -> UsageError? {
    do throws(UsageError) {
        _ = try parse(words, environment: environment)
        return nil
    } catch {
        return error
    }
}

/// What a command line gives for the options of one group that stands for a whole command.
func arguments<Options: OptionGroup>(
    _ type: Options.Type, _ words: ArgumentValue..., environment: [String: ArgumentValue] = [:]
) throws -> Arguments<Options> {
    let program = Program<DemoGlobals, Void, Arguments<Options>>(
        "one", summary: "one", version: "1", date: "2026-01-31", global: DemoGlobals.self,
        commands: [Command("do", summary: "do it", options: type) { arguments, _ in arguments }])
    guard case .run(let invocation) = try program.parse(["do"] + words, environment: Environment(environment)) else {
        throw UsageError("help")
    }
    return try invocation.run(())
}
