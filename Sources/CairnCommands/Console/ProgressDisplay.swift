internal import CommandLine
internal import Posix

/// Shows how far an operation has come, for as long as it lives: a thread asks for a snapshot now and then.
///
/// On a terminal one or two lines are redrawn in place; in a log, or on a terminal that cannot do that, a line is added
/// now and then; with `--json`, `status` lines go to standard output. Nothing of it stays on a terminal at the end.
final class ProgressDisplay: Sendable {
    /// How progress is shown.
    enum Mode: Hashable, Sendable {
        /// Lines that are drawn over and over, on a terminal.
        case redrawn
        /// A line now and then on standard error, without control codes.
        case plain
        /// A line of JSON now and then on standard output.
        case status

        /// What options and terminal ask for; nil for nothing.
        init?(_ context: CommandContext, reportsStatus: Bool) {
            let globals = context.globals
            if globals.json {
                guard reportsStatus, !globals.noProgress, !globals.quiet || globals.progress else { return nil }
                self = .status
            } else if context.showsProgress {
                self = context.console.canRedraw ? .redrawn : .plain
            } else {
                return nil
            }
        }

        var intervalMilliseconds: Int {
            switch self {
            case .redrawn: 100
            case .plain: 10_000
            case .status: 1_000
            }
        }
    }

    private let console: Console
    private let isEnded = Monitor(false)
    private let thread: Thread?

    /// Runs the body, and shows how far it has come meanwhile.
    /// - Parameters:
    ///   - reportsStatus: Whether this command writes `status` lines with `--json`.
    ///   - snapshot: Says how far it has come; called from another thread, ten times a second at most.
    static func during<Result>(
        _ context: CommandContext, reportsStatus: Bool = false,
        snapshot: @escaping @Sendable () -> ProgressSnapshot, _ body: () throws -> Result
    ) rethrows -> Result {
        let display = ProgressDisplay(context, reportsStatus: reportsStatus, snapshot: snapshot)
        defer { display.end() }
        return try body()
    }

    /// Starts to show progress, if it is wished for. Whoever starts must end.
    convenience init(
        _ context: CommandContext, reportsStatus: Bool = false, snapshot: @escaping @Sendable () -> ProgressSnapshot
    ) {
        self.init(Mode(context, reportsStatus: reportsStatus), context.console, snapshot: snapshot)
    }

    init(
        _ mode: Mode?, _ console: Console, intervalMilliseconds: Int? = nil,
        snapshot: @escaping @Sendable () -> ProgressSnapshot
    ) {
        self.console = console
        guard let mode else {
            thread = nil
            return
        }
        let interval = intervalMilliseconds ?? mode.intervalMilliseconds
        // Progress is not worth failing for: without a thread there is none.
        thread = try? Thread("progress") { [isEnded] in
            ProgressDisplay.run(mode, console, interval, isEnded, snapshot)
        }
    }

    /// Stops, and takes what is shown off the terminal. May be called often.
    func end() {
        guard let thread else { return }
        isEnded.update { $0 = true }
        thread.join()
        console.showStatus([])
    }

    private static func run(
        _ mode: Mode, _ console: Console, _ interval: Int, _ isEnded: Monitor<Bool>,
        _ snapshot: () -> ProgressSnapshot
    ) {
        let start = Machine.monotonicNanoseconds
        var meter = RateMeter()
        meter.add(bytes: snapshot().bytesDone, at: 0)
        while !isEnded.wait(milliseconds: interval, until: { $0 }) {
            let elapsed = Double(Machine.monotonicNanoseconds - start) / 1e9
            var state = snapshot()
            // Whoever has pressed Ctrl-C wants to see that it was heard.
            if Interruption.isRequested { state.phase = "ending; again: at once" }
            meter.add(bytes: state.bytesDone, at: elapsed)
            show(state, mode, console, meter.bytesPerSecond, elapsed)
        }
    }

    private static func show(
        _ state: ProgressSnapshot, _ mode: Mode, _ console: Console, _ rate: Double?, _ elapsed: Double
    ) {
        switch mode {
        case .redrawn:
            let width = console.errorColumns
            console.showStatus(ProgressLine.layout(state, bytesPerSecond: rate, elapsed: elapsed, width: width))
        case .plain:
            console.writeError(ProgressLine.plain(state, bytesPerSecond: rate, elapsed: elapsed) + "\n")
        case .status:
            console.print(state.status(bytesPerSecond: rate, elapsed: elapsed))
            console.flush()
        }
    }
}
