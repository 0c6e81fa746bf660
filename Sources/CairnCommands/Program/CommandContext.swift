internal import CommandLine

/// What every command gets beside its own options.
struct CommandContext: Sendable {
    let globals: Arguments<GlobalOptions>
    let environment: Environment
    let console: Console
    /// What damage the run meets on its way.
    let damage: DamageReport

    /// Checks that the global options go together, and lets the console know of them.
    init(globals: Arguments<GlobalOptions>, environment: Environment, console: Console) throws(UsageError) {
        guard !globals.quiet || globals.verbose == 0 else {
            throw UsageError("--quiet and --verbose contradict each other")
        }
        guard !globals.progress || !globals.noProgress else {
            throw UsageError("--progress and --no-progress contradict each other")
        }
        self.globals = globals
        self.environment = environment
        self.console = console
        damage = DamageReport(console)
        let verbosity: Console.Verbosity =
            switch (globals.quiet, globals.verbose) {
            case (true, _): .quiet
            case (false, 0): .usual
            case (false, 1): .verbose
            case (false, _): .debug
            }
        console.configure(verbosity: verbosity, isJSON: globals.json)
    }

    /// Whether progress is shown: on a terminal, unless the options say otherwise.
    var showsProgress: Bool {
        if globals.progress { return true }
        return console.isErrorTerminal && !globals.noProgress && !globals.quiet && !globals.json
    }
}
