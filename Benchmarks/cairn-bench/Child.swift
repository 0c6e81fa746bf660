import Glibc
import Posix

/// Other programs, run to their end.
enum Child {
    /// Runs a program with its output into a file, and returns the seconds that it took.
    static func run(_ words: [String], output: String = "/dev/null") throws -> Double {
        try time(Command(words), output: output).seconds
    }

    /// Runs a program with its output into a file, and returns what it took. What it says on standard error goes into a
    /// file as well, if one is named, and is quoted if it fails.
    ///
    /// Its peak memory is never less than what this process has had: the kernel hands that on.
    static func time(_ command: Command, output: String = "/dev/null", errors: Path? = nil) throws -> Timing {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors.string, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        // Signals that are held back here are not for it: see Interruption.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (command.environment ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        var status: Int32 = 0
        var usage = rusage()
        let seconds = try Stopwatch.seconds {
            let code =
                command.environment == nil
                ? posix_spawn(&child, command.words[0], &actions, &attributes, &arguments, environ)
                : posix_spawn(&child, command.words[0], &actions, &attributes, &arguments, &variables)
            guard code == 0 else {
                throw PosixError(call: "posix_spawn", path: Path(command.words[0]), errno: .init(rawValue: code))
            }
            while wait4(child, &status, 0, &usage) < 0 {
                guard errno == EINTR else {
                    throw PosixError(call: "wait4", path: Path(command.words[0]), errno: .init(rawValue: errno))
                }
            }
        }
        guard status == 0 else {
            throw Failed(words: command.words, status: status, message: errors.map(lastWords) ?? "")
        }
        return Timing(seconds: seconds, usage: usage)
    }

    struct Failed: Error, CustomStringConvertible {
        let words: [String]
        /// As `wait4` gives it.
        let status: Int32
        let message: String

        var description: String {
            let signal = status & 0x7F
            let end = signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
            return "\(words.joined(separator: " ")): \(end)\(message.isEmpty ? "" : ": \(message)")"
        }
    }

    /// The last two lines of a file.
    private static func lastWords(_ file: Path) -> String {
        guard let bytes = try? SmallFile.read(file, limit: 1 << 20) else { return "" }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(2).joined(separator: " / ")
    }

    /// The path of this program.
    static var ownPath: String { (try? Folder.resolved("/proc/self/exe").string) ?? CommandLine.arguments[0] }
}
