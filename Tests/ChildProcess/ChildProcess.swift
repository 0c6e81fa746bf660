// unsafe: ChildProcess runs programs for tests, through posix_spawn: arguments may be any bytes, standard output may be
// a file, a broken pipe or a terminal, and what the program wrote comes back whole.
import Glibc

/// What a program did.
public struct ChildOutcome: Sendable {
    /// Its exit code; 128 and the signal's number if a signal ended it, as a shell says it.
    public var code: Int32
    /// What it wrote to standard output.
    public var output: [UInt8]
    /// What it wrote to standard error.
    public var errors: [UInt8]

    /// Standard output as text.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Why a program could not be run.
public struct ChildFailure: Error {
    /// The call that failed and its error number.
    public var reason: String

    /// A failure with its reason.
    public init(reason: String) {
        self.reason = reason
    }
}

/// A program to run.
public struct ChildProcess: Sendable {
    /// Where standard output goes.
    public enum Output: Sendable {
        /// Into `ChildOutcome.output`.
        case captured
        /// Into a pipe that nobody reads any more.
        case brokenPipe
        /// Nowhere: the descriptor is closed.
        case closed
    }

    /// The program's path.
    public var path: String
    /// The words after its name.
    public var arguments: [[UInt8]]
    /// All of its environment.
    public var environment: [String: [UInt8]]
    /// What it reads from standard input.
    public var input: [UInt8] = []
    /// Where its standard output goes.
    public var output = Output.captured

    /// A program with words of text.
    public init(_ path: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        self.path = path
        self.arguments = arguments.map { Array($0.utf8) }
        self.environment = environment.mapValues { Array($0.utf8) }
        self.environment["PATH"] = self.environment["PATH"] ?? Array("/usr/local/bin:/usr/bin:/bin".utf8)
    }

    /// Where a program lies, if it is installed.
    public static func find(_ name: String) -> String? {
        ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs it to its end.
    public func run() throws -> ChildOutcome {
        let inputFile = try Scratch(holding: input)
        let outputFile = try Scratch(holding: [])
        let errorFile = try Scratch(holding: [])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputFile.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, errorFile.descriptor, 2)
        var pipeEnd: Int32 = -1
        defer { if pipeEnd >= 0 { close(pipeEnd) } }
        switch output {
        case .captured: posix_spawn_file_actions_adddup2(&actions, outputFile.descriptor, 1)
        case .closed: posix_spawn_file_actions_addclose(&actions, 1)
        case .brokenPipe:
            pipeEnd = try ChildProcess.brokenPipe()
            posix_spawn_file_actions_adddup2(&actions, pipeEnd, 1)
        }
        let code = try wait(for: try start(&actions, inNewSession: false))
        return ChildOutcome(code: code, output: try outputFile.contents(), errors: try errorFile.contents())
    }

    /// Runs it on a terminal of its own, types each answer when its prompt has appeared, and returns what the terminal
    /// showed as its output.
    public func runOnTerminal(answers: [(prompt: String, answer: String)]) throws -> ChildOutcome {
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard main >= 0 else { throw ChildFailure(reason: "open of /dev/ptmx: \(errno)") }
        defer { close(main) }
        var lock: Int32 = 0
        var number: Int32 = 0
        // TIOCSPTLCK and TIOCGPTN, which are not imported: unlock the other end, ask for its number.
        guard ioctl(main, 0x4004_5431, &lock) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
            throw ChildFailure(reason: "ioctl of /dev/ptmx: \(errno)")
        }
        let terminal = "/dev/pts/\(number)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, terminal, O_RDWR, 0) }
        let child = try start(&actions, inNewSession: true)
        var shown: [UInt8] = []
        var waiting = answers[...]
        var seen = 0
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // Fails with EIO when the last descriptor of the terminal's other end is closed.
            let count = read(main, &buffer, buffer.count)
            guard count > 0 else { break }
            shown += buffer[..<count]
            while let (prompt, answer) = waiting.first, shown.contains(Array(prompt.utf8), after: &seen) {
                let line = Array((answer + "\n").utf8)
                _ = write(main, line, line.count)
                waiting = waiting.dropFirst()
            }
        }
        return ChildOutcome(code: try wait(for: child), output: shown, errors: [])
    }

    private func start(_ actions: inout posix_spawn_file_actions_t, inNewSession: Bool) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The thread that runs a test may block signals; the program must not inherit that.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        // In a session of its own the first terminal that the program opens becomes the one it is controlled by.
        let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID
        // A shell that runs the tests in its background ignores these, and whoever is born with that ignores them too.
        var interruptions = sigset_t()
        sigemptyset(&interruptions)
        sigaddset(&interruptions, SIGINT)
        sigaddset(&interruptions, SIGQUIT)
        posix_spawnattr_setsigdefault(&attributes, &interruptions)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | (inNewSession ? newSession : 0))
        let words = [Array(path.utf8)] + arguments
        let variables = environment.map { Array("\($0.key)=".utf8) + $0.value }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map(ChildProcess.duplicate) + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map(ChildProcess.duplicate) + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw ChildFailure(reason: "posix_spawn of \(path): \(code)") }
        return child
    }

    private func wait(for child: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw ChildFailure(reason: "waitpid: \(errno)") }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func duplicate(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { $0.baseAddress.flatMap { strdup($0) } }
    }

    /// The writing end of a pipe without a reader. A pipe with a name: its ends can be opened close-on-exec at once, so
    /// that no program that another test starts in this moment keeps it alive.
    private static func brokenPipe() throws -> Int32 {
        var template = Array("/tmp/pipe-XXXXXX".utf8CString)
        guard let folder = mkdtemp(&template).map({ String(cString: $0) }) else {
            throw ChildFailure(reason: "mkdtemp: \(errno)")
        }
        let path = folder + "/pipe"
        defer {
            unlink(path)
            rmdir(folder)
        }
        guard mkfifo(path, 0o600) == 0 else { throw ChildFailure(reason: "mkfifo: \(errno)") }
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writer = open(path, O_WRONLY | O_CLOEXEC)
        close(reader)
        guard writer >= 0 else { throw ChildFailure(reason: "open of \(path): \(errno)") }
        return writer
    }
}

extension [UInt8] {
    /// Whether the words appear behind an offset, which then moves behind them.
    fileprivate func contains(_ words: [UInt8], after offset: inout Int) -> Bool {
        guard count >= words.count, offset <= count - words.count else { return false }
        for start in offset...(count - words.count) where self[start..<(start + words.count)].elementsEqual(words) {
            offset = start + words.count
            return true
        }
        return false
    }
}

/// A file without a name.
private final class Scratch {
    let descriptor: Int32

    init(holding bytes: [UInt8]) throws {
        var template = Array("/tmp/scratch-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw ChildFailure(reason: "mkstemp: \(errno)") }
        unlink(template)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    func contents() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count))
            guard count >= 0 else { throw ChildFailure(reason: "pread: \(errno)") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }
}
