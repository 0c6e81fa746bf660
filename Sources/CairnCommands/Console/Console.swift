internal import CommandLine
internal import Posix

/// Where a run writes: data to standard output, everything else to standard error. Safe to use from any thread.
///
/// A closed pipe is no error: what comes after it is dropped, and a command that only lists looks at `isOutputClosed`
/// to stop early. Any other failure to write the data is reported when the run ends.
final class Console: Sendable {
    /// How much is said beside the data.
    enum Verbosity: Int, Comparable, Sendable {
        case quiet, usual, verbose, debug

        static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    enum Style: String, Sendable {
        case bold = "1"
        case red = "31"
        case yellow = "33"
    }

    private struct State {
        var pending: [UInt8] = []
        var failure: Errno?
        var verbosity = Verbosity.usual
        var isJSON = false
        var status = StatusArea()
    }

    private static let pendingBytesMax = 1 << 16

    private let output: StandardStream
    private let errors: StandardStream
    private let state = Monitor(State())
    private let colours: Bool

    /// Whether a person reads the data.
    let isOutputTerminal: Bool
    /// Whether a person reads the rest.
    let isErrorTerminal: Bool
    /// Whether standard error is a terminal where lines can be drawn over.
    let canRedraw: Bool

    init(environment: Environment, output: StandardStream = .output, errors: StandardStream = .errors) {
        self.output = output
        self.errors = errors
        isOutputTerminal = output.isTerminal
        isErrorTerminal = errors.isTerminal
        canRedraw = isErrorTerminal && environment["TERM"] != "dumb"
        colours = canRedraw && environment["NO_COLOR"] == nil
    }

    /// What the global options say about output.
    func configure(verbosity: Verbosity, isJSON: Bool) {
        state.withLock {
            $0.verbosity = verbosity
            $0.isJSON = isJSON
        }
    }

    var verbosity: Verbosity { state.withLock { $0.verbosity } }
    var isJSON: Bool { state.withLock { $0.isJSON } }

    // MARK: Data

    /// Writes data as it is. Names must have gone through `PrintableText`.
    func write(_ bytes: some Collection<UInt8>) {
        state.withLock { state in
            guard state.failure == nil else { return }
            state.pending += bytes
            if isOutputTerminal || state.pending.count >= Console.pendingBytesMax { flush(&state) }
        }
    }

    /// Writes a line of data.
    func print(_ line: String = "") {
        write(Array((line + "\n").utf8))
    }

    /// Prints a line that says only that all went well, unless the run is quiet.
    func tell(_ line: String) { if verbosity >= .usual { print(line) } }

    /// Writes a line of JSON.
    func print(_ json: JSONText) {
        write(json.bytes + [UInt8(ascii: "\n")])
    }

    /// Hands on what is waiting; a command that reports as it goes calls it after each report.
    func flush() {
        state.withLock { flush(&$0) }
    }

    /// Whether nobody can read the data any more.
    var isOutputClosed: Bool { state.withLock { $0.failure != nil } }

    /// Hands on what is waiting, and says whether data was lost.
    func finish() -> CommandFailure? {
        state.withLock { state in
            flush(&state)
            guard let failure = state.failure, failure != .brokenPipe else { return nil }
            return CommandFailure(
                .failed, kind: "output", "cannot write to standard output: \(failure)",
                hint: failure == .noSpace ? "free some space there, or send the output elsewhere" : nil)
        }
    }

    private func flush(_ state: inout State) {
        guard !state.pending.isEmpty else { return }
        if state.failure == nil { state.failure = write(state.pending[...], to: output, isOutputTerminal, &state) }
        state.pending.removeAll(keepingCapacity: true)
    }

    // MARK: Everything else

    /// Says something, unless the run is quiet.
    func note(_ text: String) { say(text, as: "note", from: .usual) }

    /// Says something that only a verbose run says.
    func detail(_ text: String) { say(text, as: "note", from: .verbose) }

    /// Says that something is not as it should be, though the run goes on.
    func warn(_ text: String) {
        say(text, as: "warning", from: .quiet, heading: "warning:", .yellow)
    }

    /// Says what a part of the run failed of, or what is damaged: the exit code tells of it, too.
    func error(_ text: String, heading: String = "error:") {
        say(text, as: "warning", from: .quiet, heading: heading, .red)
    }

    /// Says why the run failed: two lines, or with JSON one.
    func report(_ failure: CommandFailure, asJSON: Bool) {
        guard !asJSON else { return reportJSON(failure.json) }
        var text = laid(out: failure.message, below: "cairn:", .red)
        if let hint = failure.hint { text += laid(out: hint, below: "hint:", .bold) }
        writeError(text)
    }

    /// Writes a line of JSON to standard error.
    func reportJSON(_ json: JSONText) {
        send(json.bytes + [UInt8(ascii: "\n")])
    }

    /// Writes text to standard error as it is, whatever the verbosity.
    func writeError(_ text: String) { send(Array(text.utf8)) }

    /// Text in a colour or weight, where standard error is a terminal that shows it.
    func styled(_ text: String, _ style: Style) -> String {
        colours ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func say(
        _ text: String, as type: String, from level: Verbosity, heading: String = "", _ style: Style = .bold
    ) {
        guard verbosity >= level else { return }
        if isJSON {
            reportJSON(["message_type": .string(type), "message": .string(text)])
        } else {
            writeError(laid(out: text, below: heading, style))
        }
    }

    /// A message as it is written: on a terminal broken between words, not by the terminal within them. Further lines stand two columns in, so
    /// that it is seen where the next message begins. Elsewhere a message is one line.
    private func laid(out text: String, below heading: String, _ style: Style) -> String {
        let start = heading.isEmpty ? "" : styled(heading, style) + " "
        let columns = errorColumns
        guard isErrorTerminal, columns > DisplayWidth.indentColumns * 8,
            DisplayWidth.of(heading) + 1 + DisplayWidth.of(text) > columns
        else { return start + text + "\n" }
        let lines = DisplayWidth.filled(
            text, first: columns - (heading.isEmpty ? 0 : heading.count + 1),
            next: columns - DisplayWidth.indentColumns)
        return start + lines.joined(separator: "\n" + String(repeating: " ", count: DisplayWidth.indentColumns)) + "\n"
    }

    private func send(_ bytes: [UInt8]) {
        state.withLock { _ = write(bytes[...], to: errors, isErrorTerminal, &$0) }
    }

    // MARK: The status

    /// Shows lines below everything else on standard error, in place of those that were shown before; none to end that.
    /// Whatever else is written meanwhile goes above them. The lines must hold no control characters.
    func showStatus(_ lines: [String]) {
        guard canRedraw else { return }
        state.withLock { draw(lines, &$0) }
    }

    /// The columns of the terminal behind standard error, as it is now.
    var errorColumns: Int { TextWidth.terminal(errors.descriptor) ?? 80 }

    private func draw(_ lines: [String], _ state: inout State) {
        // The shell shows a job in the background what it has to say itself.
        let bytes = state.status.show(errors.isForeground ? lines : [], columns: errorColumns)
        if !bytes.isEmpty { _ = errors.write(bytes[...]) }
        if errors.descriptor == StandardStream.errors.descriptor { Interruption.statusIsShown(state.status.isDrawn) }
    }

    /// Writes to one of both streams; on a terminal the status gives way meanwhile.
    private func write(
        _ bytes: ArraySlice<UInt8>, to stream: StandardStream, _ isTerminal: Bool, _ state: inout State
    ) -> Errno? {
        guard isTerminal, let last = bytes.last else { return stream.write(bytes) }
        let lines = state.status.lines
        draw([], &state)
        let failure = stream.write(bytes)
        state.status.isLineOpen = last != UInt8(ascii: "\n")
        draw(lines, &state)
        return failure
    }
}
