// unsafe: the terminal's settings and the bytes typed into it.
internal import Glibc
internal import Posix
internal import Synchronization

/// Whether a signal came while a question was open.
private let wasInterrupted = Atomic(false)

/// Asks a person for a secret on the terminal that the process belongs to, without showing what is typed.
enum TerminalPrompt {
    enum Answer {
        case line([UInt8])
        case interrupted
        /// Nothing, and an end of input: Ctrl-D.
        case ended
        /// There is no terminal, or it was closed.
        case unavailable
    }

    private static let lineBytesMax = 4096

    /// Whether somebody is there who could answer. Standard input may be busy with data.
    static var isPossible: Bool { StandardStream.input.isTerminal || StandardStream.errors.isTerminal }

    /// Shows the question and reads a line. The terminal's settings are restored on every way out: signals that would
    /// end the process in the middle end the question instead. To be called before other threads start.
    static func ask(_ question: String) -> Answer {
        guard isPossible else { return .unavailable }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return .unavailable }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return .unavailable }
        let restoreSignals = catchSignals()
        defer { restoreSignals() }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return .unavailable }
        defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
        let stream = StandardStream(descriptor: terminal)
        _ = stream.write(Array(question.utf8)[...])
        defer { _ = stream.write([UInt8(ascii: "\n")]) }
        return readLine(terminal)
    }

    private static func readLine(_ terminal: Int32) -> Answer {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < lineBytesMax {
            let count = read(terminal, &byte, 1)
            if wasInterrupted.load(ordering: .relaxed) { return .interrupted }
            if count < 0 { return Errno.current == .interrupted ? .interrupted : .unavailable }
            if count == 0 { return line.isEmpty ? .ended : .line(line) }
            if byte == UInt8(ascii: "\n") { return .line(line) }
            line.append(byte)
        }
        return .line(line)
    }

    /// Lets the signals that a person or the system may send interrupt `read` instead of the process, and a stop go by;
    /// returns what puts the former behaviour back.
    private static func catchSignals() -> () -> Void {
        wasInterrupted.store(false, ordering: .relaxed)
        var former: [(Int32, sigaction)] = []
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler =
                number == SIGTSTP ? SIG_IGN : { _ in wasInterrupted.store(true, ordering: .relaxed) }
            var before = sigaction()
            sigaction(number, &action, &before)
            former.append((number, before))
        }
        return {
            for (number, action) in former {
                var action = action
                sigaction(number, &action, nil)
            }
        }
    }
}
