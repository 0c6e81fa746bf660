import Glibc
import Posix

/// Other programs, run to their end.
enum Child {
    /// Runs a program with its output into a file, and returns the seconds that it took.
    static func run(_ words: [String], output: String = "/dev/null") throws -> Double {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        var status: Int32 = 0
        let seconds = try Stopwatch.seconds {
            let code = posix_spawn(&child, words[0], &actions, nil, &arguments, environ)
            guard code == 0 else {
                throw PosixError(call: "posix_spawn", path: Path(words[0]), errno: .init(rawValue: code))
            }
            waitpid(child, &status, 0)
        }
        guard status == 0 else { throw Failed(words: words, status: status) }
        return seconds
    }

    struct Failed: Error {
        let words: [String]
        let status: Int32
    }

    /// The path of this program.
    static var ownPath: String { (try? Folder.resolved("/proc/self/exe").string) ?? CommandLine.arguments[0] }
}
